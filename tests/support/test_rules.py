"""Rules: new issues find who works on them, in turn, and are opened whatever goes wrong."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput
from devora_admin.staff import audit, undo
from devora_admin.staff.documents import STAFF
from devora_admin.staff.wording import told
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.rules import every_rule
from devora_admin.support.services import fields, people, rule_setup, ruling, turns, writing
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.support.conftest import scanned

LIST = "/support/settings/rules/"


@pytest.fixture
def team(staff):
    """Three who work on issues, as actors."""
    names = ("Ann", "Bo", "Cy")
    return [
        audit.actor_for(staff("support", email=f"{name}@devora.example", name=name))
        for name in names
    ]


@pytest.fixture
def rule(actor):
    """rule(…) → the id of a new rule, which is asked last."""

    def make(**values):
        values.setdefault("name", f"Rule {len(every_rule()) + 1}")
        return rule_setup.create(actor, **values).id

    return make


def ids(team):
    return [each.id for each in team]


def assignee(number):
    return issue(number).assignee_id


def test_each_of_three_gets_a_hundred_of_three_hundred_opened_at_once(rule, team, customer, actor):
    rule(people=ids(team))

    def open_one(n):
        new = NewIssue(customer["id"], f"Issue {n}", "Help")
        return open_issue(new, actor=actor).number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(open_one, range(300)))
    assert Counter(map(assignee, numbers)) == dict.fromkeys(ids(team), 100)


def test_a_turn_is_taken_once_however_often_the_transaction_is_tried(rule, team, opened, mongo):
    """Two transactions write one document: one of them begins anew, with the turn it took."""
    rule(people=ids(team))
    key = every_rule()[0].id
    mongo.support_counters.insert_one({"_id": "busy", "n": 0})
    tries, met = [], threading.Barrier(2)

    def work(session):
        tries.append(turns.next_of(key, ids(team), opening="one", session=session))
        mongo.support_counters.find_one({"_id": "busy"}, session=session)
        if len(tries) == 1:
            met.wait(5)
            met.wait(5)
        mongo.support_counters.update_one({"_id": "busy"}, {"$inc": {"n": 1}}, session=session)

    def disturb():
        met.wait(5)
        mongo.support_counters.update_one({"_id": "busy"}, {"$inc": {"n": 1}})
        met.wait(5)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(disturb)
        core_mongo.run_in_transaction(work)
    assert tries == [team[0].id] * 2
    assert assignee(opened()) == team[1].id


def test_who_is_away_or_gone_is_passed_over(rule, team, opened, mongo):
    rule(people=ids(team))
    people.be_away(actor=team[0])
    mongo[STAFF].update_one({"name": "Bo"}, {"$set": {"is_active": False}})
    assert {assignee(opened()) for _ in range(3)} == {team[2].id}
    people.be_away(actor=team[2])
    assert assignee(opened()) == ""
    people.be_back(actor=team[0])
    assert assignee(opened()) == team[0].id


def test_the_first_that_has_somebody_assigns_and_tags_add_up(rule, team, opened):
    rule(people=[team[0].id], tags=["one"], words=["deploy"])
    rule(people=[team[1].id], tags=["two"], priority="high")
    rule(people=[team[2].id], tags=["three"], words=["billing"], priority="urgent")
    found = issue(opened(tags=["own"]))
    assert (found.assignee_id, found.tags) == (team[0].id, ("one", "own", "two"))
    assert found.priority == "high"
    people.be_away(actor=team[0])
    assert assignee(opened()) == team[1].id


def test_who_opens_it_for_somebody_goes_before_the_rules(rule, team, opened):
    rule(people=[team[0].id])
    assert assignee(opened(assignee_id=team[1].id)) == team[1].id


@pytest.mark.parametrize(
    ("when", "matching", "other"),
    [
        ({"source": "scan"}, scanned("a"), {}),
        ({"priority_is": "high"}, {"priority": "high"}, {}),
        ({"tag": "Billing"}, {"tags": ["billing"]}, {"tags": ["bill"]}),
        ({"words": ["REFUND", "invoice"]}, {"subject": "My refund?"}, {"subject": "Cannot"}),
    ],
)
def test_a_condition_has_to_hold(rule, opened, when, matching, other):
    rule(tags=["met"], **when)
    assert "met" in issue(opened(**matching)).tags
    assert "met" not in issue(opened(**other)).tags


def test_plan_and_type_of_project_are_conditions(rule, opened, customer, make_project, mongo):
    rule(tags=["paid"], plan="Pro")
    rule(tags=["shop"], project_type="nextjs")
    mongo.users.update_many({}, {"$set": {"subscription": {"plan": "pro"}}})
    project = make_project(user_id=customer["id"], project_type="nextjs")
    assert issue(opened(project_id=project["id"])).tags == ("paid", "shop")
    mongo.users.update_many({}, {"$set": {"subscription": ["pro"]}})
    assert issue(opened()).tags == ()


def test_the_history_says_which_rule_assigned_it(rule, team, opened, actor):
    rule(name="Deploys", people=[team[0].id], tags=["deploy"])
    number = opened()
    newest, first = history_of(number).rows
    assert (newest.row.action, newest.row.actor_id) == ("issue.rule", audit.SYSTEM.id)
    said = told("issue.rule", newest.row.before, newest.row.after, can=lambda permission: True)
    assert said == "Assigned by the rule “Deploys”"
    assert newest.row.before == {"assignee_id": "", "tags": []}
    assert (first.row.actor_id, first.row.after["assignee_id"]) == (actor.id, "")
    assert first.row.after["tags"] == []


def test_one_that_is_not_in_use_does_nothing(rule, opened):
    rule(tags=["met"], is_active=False)
    number = opened()
    assert (issue(number).tags, len(history_of(number).rows)) == ((), 1)


def test_what_goes_wrong_with_a_rule_keeps_no_issue_from_being_opened(rule, opened, mongo, caplog):
    rule(tags=["met"])
    mongo.support_rules.update_many({}, {"$set": {"when": "broken"}})
    assert issue(opened()).tags == ()
    assert "the rules failed" in caplog.text


def test_tags_of_rules_stop_where_an_issue_may_have_no_more(rule, opened):
    rule(tags=[f"z{n}" for n in range(20)])
    assert len(issue(opened(tags=["a", "b"])).tags) == 20


def test_the_platform_is_told_the_priority_that_a_rule_gave(rule, call, customer):
    rule(priority="urgent")
    body = {"customer_id": customer["id"], "subject": "Down", "text": "All of it"}
    assert call("/api/issues/", body).json()["priority"] == "urgent"


def test_an_issue_that_follows_a_closed_one_meets_the_rules(rule, team, opened, actor):
    number = opened()
    fields.set_status(number, "closed", seen=1, actor=actor)
    rule(people=[team[0].id])
    written = writing.customer_replied(number, "Again", actor=actor)
    assert assignee(written.number) == team[0].id


def test_rules_are_put_in_order_with_buttons(rule, client_for, actor):
    first, second, third = (rule(name=name, tags=["x"]) for name in ("A", "B", "C"))
    client = client_for("editor")

    def names():
        return [each.name for each in every_rule()]

    assert client.post(f"{LIST}{third}/up/", {"position": 3}).status_code == 302
    assert names() == ["A", "C", "B"]
    assert client.post(f"{LIST}{first}/down/", {"position": 1}).status_code == 302
    assert names() == ["C", "A", "B"]
    late = client.post(f"{LIST}{first}/down/", {"position": 1})
    assert (late.status_code, names()) == (409, ["C", "A", "B"])
    assert client.post(f"{LIST}{second}/down/", {"position": 3}).status_code == 302
    assert names() == ["C", "A", "B"]
    page = client.post(f"{LIST}{second}/up/", {"position": 3}, headers={"HX-Request": "true"})
    assert page.content.decode().lstrip().startswith('<div class="card mb-3" id="rules"')


def test_trying_names_the_rules_that_an_issue_would_meet_and_takes_no_turn(
    rule, team, opened, client_for, mongo
):
    number = opened()
    rule(name="Deploys", people=ids(team), words=["deploy"])
    rule(name="Refunds", tags=["x"], words=["refund"])
    page = client_for("support").get(f"{LIST}try/?number={number}").content.decode()
    assert "Deploys" in page
    assert "Assign in turn: Ann, Bo, Cy" in page
    assert "Refunds" not in page
    assert mongo.support_counters.count_documents({"_id": {"$regex": "^turns"}}) == 0
    assert client_for("support").get(f"{LIST}try/?number=x").status_code == 422
    assert client_for("support").get(f"{LIST}try/?number=99").status_code == 404


def test_rules_are_set_up_on_a_page(client_for, team, actor, mongo):
    client = client_for("editor")
    data = {
        "name": "Paid", "plan": "pro", "words": "down, broken", "people": ids(team)[:2],
        "is_active": "on",
    }  # fmt: skip
    assert client.post(f"{LIST}new/", data).status_code == 302
    [found] = every_rule()
    assert (found.when.plan, found.when.words) == ("pro", ("down", "broken"))
    page = client_for("support").get(LIST).content.decode()
    assert "Plan: pro · Subject: down or broken" in page
    assert "Assign in turn: Ann, Bo" in page
    form = client.get(f"{LIST}{found.id}/").content.decode()
    assert form.count(" checked") == 3  # two people, and in use
    changed = client.post(f"{LIST}{found.id}/", data | {"words": "", "revision": 1})
    assert (changed.status_code, every_rule()[0].when.words) == (302, ())
    assert client.post(f"{LIST}{found.id}/delete/", {"revision": 2}).status_code == 302
    undo.perform(mongo.audit_log.find_one({"action": "rule.delete"})["_id"], actor=actor)
    assert [each.name for each in every_rule()] == ["Paid"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"source": "mail"}, "source"),
        ({"priority_is": "asap"}, "priority_is"),
        ({"priority": "asap"}, "priority"),
        ({"people": ["0" * 24]}, "people"),
        ({"plan": "x" * 81}, "plan"),
        ({"words": [str(n) for n in range(21)]}, "words"),
        ({"tags": []}, "people"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_by_name(actor, values, field):
    with pytest.raises(InvalidInput) as refused:
        rule_setup.create(actor, **{"name": "Some", "tags": ["x"], **values})
    assert refused.value.field == field
    assert every_rule() == []


def test_only_who_sets_support_up_changes_rules(rule, colleague, actor):
    key = rule(tags=["x"])
    with pytest.raises(Forbidden):
        rule_setup.create(colleague, name="Mine", tags=["x"])
    with pytest.raises(Forbidden):
        rule_setup.move(key, "down", seen=1, actor=colleague)
    with pytest.raises(Conflict):
        rule_setup.delete(key, revision=9, actor=actor)


def test_being_away_is_said_on_the_page_and_on_record(client_for, mongo):
    client = client_for("support")
    assert "I am away" in client.get("/support/settings/").content.decode()
    for _ in range(2):
        assert client.post("/support/settings/away/").status_code == 302
    assert "I am back" in client.get("/support/settings/").content.decode()
    assert client.post("/support/settings/back/").status_code == 302
    assert "I am away" in client.get("/support/settings/").content.decode()
    rows = mongo.audit_log.find({"action": {"$regex": "^support"}}).sort("at", 1)
    assert [row["action"] for row in rows] == ["support.away", "support.back"]


def test_the_page_of_settings_leads_only_to_what_there_is(client_for):
    page = client_for("support").get("/support/settings/").content.decode()
    for section in ("canned", "macros", "rules"):
        assert f'href="/support/settings/{section}/"' in page


def test_matching_is_of_the_issue_as_it_is(rule, opened):
    rule(name="High", tags=["x"], priority_is="high")
    assert ruling.matching(issue(opened())) == []
    assert [each.name for each in ruling.matching(issue(opened(priority="high")))] == ["High"]
