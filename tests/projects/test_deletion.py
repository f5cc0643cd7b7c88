"""Archived projects are deleted for good: asked for, approved by another, and nothing else goes."""

import json
from typing import Any

import pytest

from devora_admin.core import clock, job_runner, jobs
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput
from devora_admin.core.listing.spec import Chosen
from devora_admin.projects import presence
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.services import deletion, lifecycle
from devora_admin.projects.services.deletion import Asked
from devora_admin.staff import approvals, audit
from tests.versions.factory import make_version

HTMX = {"HX-Request": "true"}


@pytest.fixture
def asker(staff):
    return audit.actor_for(staff("admin", email="asker@devora.example"))


@pytest.fixture
def decider(staff):
    return audit.actor_for(staff("admin", email="decider@devora.example"))


@pytest.fixture
def archived(make_project):
    return lambda **fields: make_project(archived_at=clock.now(), **fields)


def part_of(project_id: str) -> dict[str, Any]:
    return {"project_id": project_id, "part": 0, "first": 0, "count": 1, "messages": [{}]}


def ask(chosen: Chosen[Filters], number: int, asker: audit.Actor) -> str:
    return deletion.ask(Asked(chosen, number, f"delete {number}", "tidy up"), actor=asker)


def approve(request_id: str, decider: audit.Actor) -> jobs.Job:
    done = approvals.approve(request_id, reason="fine", actor=decider)
    assert done.state == "approved", done.error
    assert done.url == f"/jobs/{request_id}/"
    while job_runner.run_next("test"):
        pass
    return jobs.find(request_id)


def test_what_was_chosen_goes_with_all_that_belongs_to_it(mongo, archived, asker, decider):
    going, staying = archived(name="Going", user_id="u1"), archived(user_id="u1")
    for project in (going, staying):
        mongo.conversations.insert_one({"project_id": project["id"], "user_id": "u1"})
        mongo.conversation_archive.insert_one(part_of(project["id"]))
        mongo.conversation_moves.insert_one({"project_id": project["id"], "count": 0})
        mongo.import_reports.insert_one({"_id": project["id"]})
        presence.be_present(project["id"], actor=asker, tab="t", path="")
        make_version(project, 1, {"a.ts": project["id"]})
    mongo.editor_undo.insert_many(
        [{"_id": "t", "project_id": going["id"]}, {"_id": "t:0", "of": "t"}]
    )
    job = approve(ask(Chosen((going["id"],)), 1, asker), decider)
    assert (job.state, job.done, job.skipped) == ("done", 1, 0)
    for name, key in (
        ("projects", "id"), ("conversations", "project_id"), ("import_reports", "_id"),
        ("editor_presence", "project_id"), ("conversation_archive", "project_id"),
        ("conversation_moves", "project_id"), ("project_versions", "project_id"),
    ):  # fmt: skip
        assert [row[key] for row in mongo[name].find()] == [staying["id"]]
    assert mongo.file_blobs.count_documents({}) == 1
    assert mongo.editor_undo.count_documents({}) == 0
    assert mongo.project_deletions.count_documents({}) == 0
    row = mongo.audit_log.find_one({"action": "project.delete"})
    assert row["subject"] == {"kind": "project", "id": going["id"], "label": "Going"}
    assert row["customer_id"] == "u1"
    assert row["request_id"] == f"job:{job.id}"
    assert row["actor"]["id"] == decider.id


@pytest.mark.parametrize(
    "change",
    [
        {"$unset": {"archived_at": ""}},
        {"$set": {"archived_at": None}},
        {"$inc": {"revision": 1}},
        {"$currentDate": {"updated_at": True}},
        {"$currentDate": {"archived_at": True}},
    ],
)
def test_a_project_restored_or_changed_meanwhile_stays(mongo, archived, asker, decider, change):
    kept, going = archived(), archived()
    request_id = ask(Chosen((kept["id"], going["id"])), 2, asker)
    mongo.projects.update_one({"id": kept["id"]}, change)
    job = approve(request_id, decider)
    assert (job.done, job.skipped) == (1, 1)
    [skipped] = jobs.items(job.id, outcome="skipped", after="", limit=9)
    assert "since this was asked for" in skipped.detail
    assert [row["id"] for row in mongo.projects.find()] == [kept["id"]]


def test_only_archived_projects_can_be_meant(archived, make_project, asker):
    live = make_project()
    with pytest.raises(InvalidInput, match="archived"):
        ask(Chosen((archived()["id"], live["id"])), 2, asker)
    with pytest.raises(InvalidInput, match="archived"):
        ask(Chosen(filters=Filters(archived="any")), 2, asker)
    for nothing in (Chosen(), Chosen(("gone",))):
        with pytest.raises(InvalidInput):
            ask(nothing, 1, asker)


def test_all_that_match_are_those_of_now_and_not_what_matches_later(
    mongo, archived, make_project, asker, decider
):
    for _ in range(3):
        archived(project_type="shop")
    archived(project_type="blog")
    request_id = ask(Chosen(filters=Filters(project_type="shop", archived="yes")), 3, asker)
    late = archived(project_type="shop")
    live = make_project(project_type="shop")
    assert approve(request_id, decider).done == 3
    left = {row["id"] for row in mongo.projects.find({"project_type": "shop"})}
    assert left == {late["id"], live["id"]}


def test_another_number_than_was_shown_is_a_conflict(archived, asker):
    chosen = Chosen(filters=Filters(archived="yes"))
    archived()
    assert deletion.count(chosen) == 1
    archived()
    with pytest.raises(Conflict, match="2 by now"):
        ask(chosen, 1, asker)


def test_it_needs_the_words_and_a_reason(archived, asker, mongo):
    chosen = Chosen((archived()["id"],))
    for typed, reason in (("delete 2", "x"), ("", "x"), ("delete 1", " ")):
        with pytest.raises(InvalidInput):
            deletion.ask(Asked(chosen, 1, typed, reason), actor=asker)
    assert mongo.approvals.count_documents({}) == 0
    assert mongo.project_deletions.count_documents({}) == 0


def test_nobody_approves_their_own(mongo, archived, asker):
    request_id = ask(Chosen((archived()["id"],)), 1, asker)
    with pytest.raises(Forbidden):
        approvals.approve(request_id, reason="me", actor=asker)
    assert mongo.projects.count_documents({}) == 1


def test_who_approves_sees_names_and_that_it_cannot_be_undone(archived, asker):
    ids = tuple(archived(name=f"Shop {n:02}", user_id=f"u{n % 2}")["id"] for n in range(12))
    request = approvals.find(ask(Chosen(ids), 12, asker))
    sentences = " ".join(approvals.consequences(request))
    assert "12 projects of 2 customers" in sentences
    assert "“Shop 00”" in sentences
    assert "2 more" in sentences
    assert "undone" in sentences


def test_a_job_that_died_goes_on_and_counts_each_once(mongo, archived, asker, decider):
    ids = tuple(archived()["id"] for _ in range(20))
    request_id = ask(Chosen(ids), 20, asker)
    approvals.approve(request_id, reason="", actor=decider)
    dying = job_runner._handler(jobs.find(request_id))
    for _ in range(7):
        next(dying)
    assert mongo.projects.count_documents({}) == 13
    while job_runner.run_next("test"):
        pass
    job = jobs.find(request_id)
    assert (job.done, job.skipped, job.failed) == (20, 0, 0)
    assert mongo.audit_log.count_documents({"action": "project.delete"}) == 20


def test_it_cannot_be_undone(client_for, archived, asker, decider):
    job = approve(ask(Chosen((archived()["id"],)), 1, asker), decider)
    assert client_for("admin").post(f"/jobs/{job.id}/undo/").status_code == 409


def test_malformed_projects_are_deleted_too_and_those_without_an_id_are_not_meant(
    mongo, asker, decider
):
    now = clock.now()
    mongo.projects.insert_many(
        [
            {"id": "odd", "archived_at": "long ago", "revision": "x", "name": 7, "user_id": [1]},
            {"archived_at": now, "name": "no id"},
            {"id": 5, "archived_at": now},
        ]
    )
    job = approve(ask(Chosen(filters=Filters(archived="yes")), 1, asker), decider)
    assert job.done == 1
    assert mongo.projects.count_documents({"id": "odd"}) == 0
    assert mongo.projects.count_documents({}) == 2


def test_a_restored_project_can_be_asked_for_again_when_archived(
    mongo, archived, asker, decider, actor
):
    project = archived()
    request_id = ask(Chosen((project["id"],)), 1, asker)
    lifecycle.restore_project(project["id"], actor=actor)
    lifecycle.archive_project(project["id"], actor=actor)
    assert approve(request_id, decider).skipped == 1
    assert approve(ask(Chosen((project["id"],)), 1, asker), decider).done == 1


def test_the_pages_ask_and_pass_it_on(client_for, archived, mongo):
    client = client_for("admin")
    ids = [archived()["id"] for _ in range(2)]
    assert "Delete for good" not in client.get("/projects/").content.decode()
    assert "Delete for good" in client.get("/projects/?archived=yes").content.decode()
    question = client.post("/projects/delete/confirm/", {"id": ids}, headers=HTMX)
    assert question.status_code == 200
    assert "Delete 2 projects for good?" in question.content.decode()
    values: dict[str, Any] = {
        "chosen": json.dumps({"ids": ids}), "number": 2, "typed": "delete 2", "reason": "x",
        "proof": "correct horse battery staple",
    }  # fmt: skip
    for wrong in ({"proof": "wrong"}, {"typed": "delete"}, {"number": "x"}, {"chosen": "[]"}):
        assert client.post("/projects/delete/", {**values, **wrong}).status_code == 422
    assert mongo.approvals.count_documents({}) == 0
    assert client.post("/projects/delete/", values).status_code == 302
    assert mongo.approvals.count_documents({"state": "pending"}) == 1


@pytest.mark.parametrize(
    "chosen",
    [
        "",
        "[",
        "[]",
        "null",
        '{"ids": 5}',
        '{"ids": [5]}',
        '{"ids": ["\\u0000"]}',
        '{"ids": ["\\ud800"]}',
        '{"filters": 5}',
        '{"filters": "archived=yes&q=\\ud800"}',
        '{"filters": "archived=yes&q=%00"}',
    ],
)
def test_odd_requests_are_refused_and_write_nothing(client_for, mongo, chosen):
    values = {"chosen": chosen, "number": 1, "typed": "delete 1", "reason": "x",
              "proof": "correct horse battery staple"}  # fmt: skip
    assert client_for("admin").post("/projects/delete/", values).status_code in (422, 409)
    assert mongo.approvals.count_documents({}) == 0
