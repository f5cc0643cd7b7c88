"""Changing many issues: a question, a job with a result for each, an undo."""

import re

import pytest

from devora_admin.core import job_runner, jobs
from devora_admin.staff import audit
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.services import fields, macro_setup, writing
from devora_admin.support.services.opening import Source


@pytest.fixture
def bo(client_for):
    return client_for("support")


@pytest.fixture
def me(staff):
    return audit.actor_for(staff("support"))


def run():
    while job_runner.run_next("test"):
        pass


def start(client, action, value, **more):
    answer = client.post("/support/bulk/", {"action": action, "value": value, **more})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    run()
    return jobs.find(answer["Location"].split("/")[2])


@pytest.mark.parametrize(
    ("action", "value", "field", "found"),
    [
        ("status", "on_hold", "status", "on_hold"),
        ("priority", "urgent", "priority", "urgent"),
        ("tag", "Billing", "tags", ("app", "billing")),
        ("untag", "app", "tags", ()),
    ],
)
def test_selected_issues_are_changed_each_on_record_and_taken_back(
    bo, opened, mongo, action, value, field, found
):
    numbers = [opened(tags=["app"]) for _ in range(3)]
    other = opened(tags=["app"])
    was = getattr(issue(other), field)
    job = start(bo, action, value, id=numbers)
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert {getattr(issue(number), field) for number in numbers} == {found}
    assert getattr(issue(other), field) == was
    rows = list(mongo.audit_log.find({"request_id": f"job:{job.id}"}))
    assert {row["subject"]["id"] for row in rows} == set(map(str, numbers))
    bo.post(f"/jobs/{job.id}/undo/")
    run()
    assert {getattr(issue(number), field) for number in numbers} == {was}


def test_sorting_many_at_once_is_no_activity_and_an_undo_puts_the_old_order_back(
    bo, me, actor, opened
):
    macro = macro_setup.create(actor, name="Sort", assignee="nobody", add_tags=["quota"])
    first, second, third = (opened() for _ in range(3))
    writing.reply(first, "Look", seen=1, actor=me)
    was = {number: issue(number).updated_at for number in (first, second, third)}

    def now():
        return {number: issue(number).updated_at for number in was}

    for action, value in (("tag", "billing"), ("macro", f"{macro.id}:1"), ("assign", me.id)):
        start(bo, action, value, id=list(was))
    assert (issue(second).assignee_id, issue(second).tags) == (me.id, ("billing", "quota"))
    assert now() == was
    job = start(bo, "status", "on_hold", id=list(was))
    assert all(at > was[number] for number, at in now().items())
    writing.add_note(third, "Hm", actor=me)
    noted_at = issue(third).updated_at
    bo.post(f"/jobs/{job.id}/undo/")
    run()
    assert {issue(number).status for number in was} == {"open"}
    assert now() == {**was, third: noted_at}


def test_issues_are_assigned_and_given_back(bo, me, opened):
    number = opened()
    assert start(bo, "assign", me.id, id=[number]).done == 1
    assert issue(number).assignee_id == me.id
    assert start(bo, "assign", "", id=[number]).done == 1
    assert issue(number).assignee_id == ""


def test_all_that_match_are_taken_beyond_the_page(bo, opened):
    for _ in range(60):
        opened(tags=["spam"])
    other = opened()
    asked = {"scope": "matching", "filters": "?view=unassigned&tag=spam"}
    body = bo.post("/support/bulk/confirm/", {"action": "status", **asked}).content.decode()
    assert "Set status of 60 issues?" in re.sub(r"\s+", " ", body)
    assert issue(1).status == "open"
    job = start(bo, "status", "closed", **asked)
    assert (job.done, job.total) == (60, 60)
    assert issue(other).status == "open"


def test_a_macro_is_looked_over_applied_to_all_that_match_once_and_taken_back(
    bo, me, actor, opened, make_customer, mongo, settings
):
    thanks = {"status": "resolved", "add_tags": ["done"], "text": "Dear {{customer.first_name}}"}
    macro = macro_setup.create(actor, name="Thank them", **thanks)
    macro_setup.create(actor, name="A quiet one", priority="high")
    nameless = make_customer(name="")["id"]
    one, two, closed, unnamed = opened(tags=["x"]), opened(), opened(), opened(user_id=nameless)
    fields.set_status(closed, "closed", seen=1, actor=me)
    opened(user_id="", source=Source("spike", fingerprint="a"))
    asked = {"action": "macro", "scope": "matching", "filters": "?view=all&status="}
    body = bo.post("/support/bulk/confirm/", {**asked, "value": f"{macro.id}:1"}).content.decode()
    shown = re.sub(r"<[^>]+>|\s+", " ", body)
    assert "is told so by e-mail" not in shown
    assert "2 will change" in re.sub(" +", " ", shown)
    assert "1 Closed: reopen it" in re.sub(" +", " ", shown)
    assert "1 About the platform" in re.sub(" +", " ", shown)
    assert "1 Empty for them: customer.first_name" in re.sub(" +", " ", shown)
    assert "Dear Zoe" in shown
    assert "priority" not in shown.lower().split("will change")[1]

    answer = bo.post("/support/bulk/", {**asked, "value": f"{macro.id}:1"})
    job_id = answer["Location"].split("/")[2]
    run()
    job = jobs.find(job_id)
    assert job.title == "Apply “Thank them” to 5 issues"
    assert (job.done, job.skipped, job.failed) == (2, 3, 0)
    again = {"state": "waiting", "cursor": None, "counts": {"done": 0, "skipped": 0, "failed": 0}}
    mongo.jobs.update_one({"_id": job_id}, {"$set": again})  # a crash before anything was noted
    mongo.job_items.delete_many({})
    run()
    assert jobs.find(job_id).done == 2
    assert [each.text for each in thread(one)][1:] == ["Dear Zoe"]
    assert [issue(each).status for each in (one, two, closed, unnamed)] == [
        "resolved", "resolved", "closed", "open",
    ]  # fmt: skip
    bo.post(f"/jobs/{job_id}/undo/")
    run()
    assert (issue(one).status, issue(one).tags, issue(two).tags) == ("open", ("x",), ())

    thanks["text"], settings.PUBLIC_URL = "", "https://admin.example.com"
    macro_setup.edit(macro.id, revision=1, actor=actor, name="Thank you", **thanks)
    page = bo.post("/support/bulk/confirm/", {**asked, "value": f"{macro.id}:2"}).content.decode()
    assert "Whose issue becomes resolved is told so by e-mail." in page
    answer = bo.post("/support/bulk/", {"action": "macro", "value": f"{macro.id}:1", "id": [one]})
    assert answer.status_code == 409


def test_the_job_lists_numbers_as_numbers_and_leads_back_to_the_list_as_it_was(bo, opened):
    for _ in range(11):
        opened()
    bo.get("/support/?view=all&priority=normal")
    body = {"action": "status", "value": "on_hold", "id": list(range(1, 12))}
    answer = bo.post("/support/bulk/", body)
    run()
    page = bo.get(answer["Location"]).content.decode()
    assert 'href="/support/?view=all&amp;priority=normal"' in page
    job_id = answer["Location"].split("/")[2]
    found = jobs.items(job_id, outcome=None, after="", limit=50)
    assert [each.item_id for each in found] == [str(number) for number in range(1, 12)]
    assert jobs.items(job_id, outcome=None, after=found[4].place, limit=50) == found[5:]


def test_what_is_so_already_and_what_is_gone_have_results_of_their_own(bo, opened):
    one, two = opened(priority="high"), opened()
    job = start(bo, "priority", "high", id=[one, two, 999])
    assert (job.done, job.skipped, job.failed) == (1, 1, 1)


def test_an_undo_leaves_what_was_changed_since(bo, me, opened):
    one, two = opened(), opened()
    job = start(bo, "priority", "high", id=[one, two])
    fields.set_priority(one, "low", seen=issue(one).revision, actor=me)
    bo.post(f"/jobs/{job.id}/undo/")
    run()
    assert (issue(one).priority, issue(two).priority) == ("low", "normal")


def test_a_worker_that_went_on_after_a_crash_changes_each_once(bo, opened, mongo):
    numbers = [opened() for _ in range(3)]
    answer = bo.post("/support/bulk/", {"action": "status", "value": "closed", "id": numbers})
    job_id = answer["Location"].split("/")[2]
    run()
    again = {"state": "waiting", "cursor": None, "counts": {"done": 0, "skipped": 0, "failed": 0}}
    mongo.jobs.update_one({"_id": job_id}, {"$set": again})
    mongo.job_items.delete_many({})
    run()
    assert jobs.find(job_id).done == 3
    assert mongo.audit_log.count_documents({"action": "issue.status"}) == 3


@pytest.mark.parametrize(
    ("action", "value", "ids"),
    [("assign", "nobody", [1]), ("status", "new", [1]), ("priority", "", [1]), ("tag", " ", [1]),
     ("close", "x", [1]), ("macro", "none:1", [1]), ("status", "closed", []),
     ("status", "closed", list(range(1, 502)))],
)  # fmt: skip
def test_what_cannot_be_done_starts_no_job(bo, opened, mongo, action, value, ids):
    opened()
    answer = bo.post("/support/bulk/", {"action": action, "value": value, "id": ids})
    assert answer.status_code == 422
    assert mongo.jobs.count_documents({}) == 0


def test_results_hold_no_words_of_the_customer(bo, opened, mongo):
    start(bo, "status", "closed", id=[opened(subject="My secret startup")])
    assert "startup" not in str(list(mongo.job_items.find())) + str(list(mongo.jobs.find()))
