"""The page of the inbox: its views, filters, order, columns and what it costs."""

import re
from datetime import timedelta

import pytest

from devora_admin.core import clock
from devora_admin.staff import audit
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, watching, writing
from tests.support.test_inbox import issue_row

HTMX = {"HX-Request": "true"}


@pytest.fixture
def bo(client_for):
    return client_for("support")


@pytest.fixture
def me(staff):
    return audit.actor_for(staff("support"))


def numbers(response):
    assert response.status_code == 200, response.content.decode()[:3000]
    return [row.issue.number for row in response.context["page"].rows]


def get(client, **query):
    return client.get("/support/", query)


def test_one_begins_with_what_nobody_has_until_one_has_something(bo, me, opened):
    first, second = opened(), opened()
    page = get(bo)
    assert numbers(page) == [second, first]
    assert page.context["view"] == "unassigned"
    fields.set_assignee(first, me.id, seen=1, actor=me)
    page = get(bo)
    assert numbers(page) == [first]
    assert page.context["view"] == "mine"


def test_each_view_shows_what_its_name_says(bo, me, opened, mongo):
    mine, free, waits, held, solved = (opened() for _ in range(5))
    fields.set_assignee(mine, me.id, seen=1, actor=me)
    fields.set_status(waits, "pending", seen=1, actor=me)
    fields.set_status(held, "on_hold", seen=1, actor=me)
    fields.set_status(solved, "resolved", seen=1, actor=me)
    assert numbers(get(bo, view="mine")) == [mine]
    assert numbers(get(bo, view="unassigned")) == [free]
    assert numbers(get(bo, view="waiting")) == [held, waits]
    assert numbers(get(bo, view="all")) == [solved, held, waits, mine, free]
    assert numbers(get(bo, view="waiting", status="open")) == []


def test_breaching_lists_what_is_due_within_the_hour_the_soonest_first(bo, mongo):
    now = clock.now()
    due = {1: timedelta(minutes=50), 2: timedelta(hours=-3), 3: timedelta(hours=2), 4: None}
    for number, when in due.items():
        more = {"due_at": now + when, "due_kind": "first_reply"} if when is not None else {}
        mongo.support_issues.insert_one(issue_row(number, **more))
    assert numbers(get(bo, view="breaching")) == [2, 1]
    assert numbers(get(bo, view="all", sort="due")) == [2, 1, 3]
    assert numbers(get(bo, view="all", sort="-due")) == [3, 1, 2]


def test_what_is_to_be_worked_on_has_the_most_urgent_first(bo, me, opened):
    urgent = opened(priority="urgent")
    later = [opened() for _ in range(3)]
    first = [urgent, *reversed(later)]
    assert numbers(get(bo)) == numbers(get(bo, view="unassigned")) == first
    assert numbers(get(bo, view="all")) == [*reversed(later), urgent]
    assert numbers(get(bo, view="unassigned", sort="-updated")) == [*reversed(later), urgent]
    for number in (*later, urgent):
        fields.set_assignee(number, me.id, seen=1, actor=me)
    assert numbers(get(bo))[0] == urgent
    bo.cookies["support_next"] = "on"
    body = {"seen": issue(urgent).revision, "status": "resolved"}
    around = [(urgent, "next", later[-1]), (later[-1], "previous", urgent),
              (urgent, "previous", urgent)]  # fmt: skip
    for number, way, leads_to in around:
        assert bo.get(f"/support/{number}/{way}/").headers["Location"] == f"/support/{leads_to}/"
    follows = bo.post(f"/support/{urgent}/status/", body).headers["Location"]
    assert follows == f"/support/{later[-1]}/"


def test_filters_narrow_the_list_and_are_said(bo, me, opened, make_customer, make_project):
    other = make_customer(email="other@example.com", name="Ottilie")
    project = make_project(user_id=other["id"])
    one = opened(tags=["billing"], priority="urgent")
    two = opened(user_id=other["id"], project_id=project["id"])
    fields.set_assignee(one, me.id, seen=1, actor=me)
    asked = {
        "priority": ("urgent", one), "tag": ("Billing", one), "assignee": ("me", one),
        "customer": ("other@example.com", two), "project": (project["id"], two),
        "source": ("staff", 0),
    }  # fmt: skip
    for name, (value, found) in asked.items():
        page = get(bo, **{name: value})
        assert numbers(page) == ([found] if found else [one, two]), name
        assert len(page.context["chips"]) == 1
    assert numbers(get(bo, assignee="none")) == [two]
    today = clock.now().date()
    days = {"opened_from": str(today), "opened_to": str(today)}
    page = get(bo, **days)
    assert numbers(page) == [two, one]  # by when they were opened, and it says so
    [(label, aria)] = [
        (each["column"].label, each["aria"]) for each in page.context["headers"] if each["aria"]
    ]
    assert (label, aria) == ("Opened", "descending")
    assert numbers(get(bo, **days, sort="when")) == [one, two]
    assert numbers(get(bo, **days, sort="-updated")) == [one, two]
    kept = get(bo, created_from=str(today), created_to=str(today))
    assert (numbers(kept), len(kept.context["chips"])) == ([two, one], 2)
    assert "created_" not in kept.content.decode()
    assert numbers(get(bo, created_to=str(today - timedelta(days=1)))) == []
    assert numbers(get(bo, customer="nobody@example.com")) == []
    chips = get(bo, customer=other["id"]).context["chips"]
    assert [chip.value for chip in chips] == ["Ottilie"]


def test_what_one_watches_has_a_view_of_its_own(bo, me, opened, actor):
    theirs, mine, over, _ = opened(), opened(), opened(), opened()
    watching.watch(theirs, actor=actor)
    for number in (mine, over):
        watching.watch(number, actor=me)
    fields.set_status(over, "closed", seen=1, actor=me)
    assert sorted(numbers(get(bo, view="watching"))) == [mine, over]
    counts = bo.get("/support/counts/").content.decode()
    assert re.search(r'id="view-count-watching"[^>]*>2<', counts)


def test_what_was_not_answered_yet_stands_out_by_weight(bo, me, opened):
    answered, waiting = opened(), opened()
    writing.reply(answered, "Try again", seen=1, actor=me)
    rows = re.findall(r'data-number="(\d+)"[^>]*?(is-unanswered)?">', get(bo).content.decode())
    assert dict(rows) == {str(answered): "", str(waiting): "is-unanswered"}


def test_the_pages_follow_each_other_and_say_where_one_is(bo, mongo):
    mongo.support_issues.insert_many([issue_row(number) for number in range(1, 121)])
    first = get(bo, view="all")
    second = get(bo, view="all", cursor=first.context["page"].next)
    third = get(bo, view="all", cursor=second.context["page"].next)
    assert numbers(first) + numbers(second) + numbers(third) == list(range(120, 0, -1))
    assert "51\u2013100 of" in second.content.decode()
    assert "101\u2013120 of" in third.content.decode()
    back = get(bo, view="all", cursor=third.context["page"].previous)
    assert numbers(back) == numbers(second)
    assert (back.context["page"].start, back.context["page"].last) == (51, 100)


@pytest.mark.parametrize(
    "query",
    [{"view": "x"}, {"status": "new"}, {"priority": "asap"}, {"sort": "name"}, {"cursor": "x"},
     {"created_from": "soon"}, {"page": "2"}],
)  # fmt: skip
def test_a_mistake_in_the_address_is_said(bo, query):
    assert get(bo, **query).status_code == 422


def test_the_page_makes_a_fixed_number_of_round_trips(bo, mongo, make_customer):
    people = [make_customer()["id"] for _ in range(3)]
    mongo.support_issues.insert_many(
        [issue_row(number, user_id=people[number % 3]) for number in range(1, 121)]
    )

    def trips(**query):
        page = get(bo, **query)
        assert page.status_code == 200
        return int(re.search(r'mongo;desc="(\d+)"', page["Server-Timing"]).group(1))

    # The session, the account, who works here, the page, its customers, the saved views.
    assert trips(view="all") == 6
    assert trips(view="all", status="open", priority="normal", sort="-urgency") == 6
    assert trips() == 7  # whether anything is one's own
    assert trips(q="issue") == 12  # customers and projects by id and name, subjects, messages


def test_a_viewer_sees_no_issues(client_for):
    assert get(client_for("viewer")).status_code == 403
