"""Archiving and restoring many: a question with the number, a job, a result each, and an undo."""

import re
from typing import Any

import pytest

from devora_admin.core import job_runner, jobs
from devora_admin.projects.services import bulk, lifecycle
from devora_admin.staff import audit


def finish(response: Any) -> jobs.Job:
    assert response.status_code == 302, response.content.decode()[:2000]
    job_id = response["Location"].split("/")[2]
    while job_runner.run_next("test"):
        pass
    return jobs.find(job_id)


def archived(mongo: Any) -> set[str]:
    return {row["name"] for row in mongo.projects.find({"archived_at": {"$ne": None}})}


def test_selected_projects_are_archived_by_a_job(admin, mongo, make_project):
    ids = [make_project(name=f"p{number}")["id"] for number in range(3)]
    make_project(name="other")
    job = finish(admin.post("/projects/bulk/", {"action": "archive", "id": ids}))
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert archived(mongo) == {"p0", "p1", "p2"}
    assert mongo.audit_log.count_documents({"action": "project.archive"}) == 3


def test_the_question_states_the_number_and_writes_nothing(admin, mongo, make_project):
    ids = [make_project()["id"] for _ in range(3)]
    for extra in ({"id": ids}, {"scope": "matching", "filters": "?type=saas"}):
        body = admin.post("/projects/bulk/confirm/", {"action": "archive", **extra})
        assert "Archive 3 projects?" in re.sub(r"\s+", " ", body.content.decode())
    assert mongo.jobs.count_documents({}) == 0


def test_all_that_match_are_taken_beyond_the_page(admin, mongo, make_project):
    for number in range(130):
        make_project(name=f"hit {number}", project_type="blog")
    make_project(name="other")
    data = {"action": "archive", "scope": "matching", "filters": "?type=blog&q=hit"}
    job = finish(admin.post("/projects/bulk/", data))
    assert (job.done, job.total) == (130, 130)
    assert len(archived(mongo)) == 130
    assert "other" not in archived(mongo)


def test_each_item_says_what_became_of_it(admin, mongo, make_project):
    fresh = make_project()["id"]
    already = make_project(archived_at=audit.clock.now())["id"]
    job = finish(
        admin.post("/projects/bulk/", {"action": "archive", "id": [fresh, already, "gone"]})
    )
    results = {item.item_id: item for item in jobs.items(job.id, outcome=None, after="", limit=9)}
    assert results[fresh].outcome == "done"
    assert (results[already].outcome, "archived already" in results[already].detail) == (
        "skipped",
        True,
    )
    assert results["gone"].outcome == "failed"


def test_undo_takes_back_exactly_what_was_done(admin, mongo, make_project):
    fresh = make_project(name="fresh")["id"]
    already = make_project(name="already", archived_at=audit.clock.now())["id"]
    job = finish(admin.post("/projects/bulk/", {"action": "archive", "id": [fresh, already]}))
    undone = finish(admin.post(f"/jobs/{job.id}/undo/"))
    assert (undone.kind, undone.done) == (f"{bulk.ARCHIVE}.undo", 1)
    assert archived(mongo) == {"already"}
    assert admin.post(f"/jobs/{job.id}/undo/").status_code == 409


def test_undo_leaves_a_project_that_was_archived_anew(admin, mongo, actor, make_project):
    project_id = make_project(name="anew")["id"]
    job = finish(admin.post("/projects/bulk/", {"action": "archive", "id": [project_id]}))
    lifecycle.restore_project(project_id, actor=actor)
    lifecycle.archive_project(project_id, actor=actor)
    undone = finish(admin.post(f"/jobs/{job.id}/undo/"))
    assert (undone.done, undone.skipped) == (0, 1)
    assert archived(mongo) == {"anew"}


def test_a_job_resumed_after_a_crash_counts_its_own_work_as_done(actor, mongo, make_project):
    ids = tuple(make_project()["id"] for _ in range(3))
    job_id = bulk.start("archive", bulk.Chosen(ids=ids), total=3, actor=actor)
    claimed = job_runner._claim("dies")
    assert claimed is not None
    handler = jobs._KINDS[bulk.ARCHIVE].handler(claimed)
    next(handler), next(handler)  # archived, never noted
    mongo.jobs.update_one({"_id": job_id}, {"$set": {"lease_until": claimed.created_at}})
    job_runner.run_next("lives")
    job = jobs.find(job_id)
    assert (job.done, job.skipped) == (3, 0)
    assert mongo.audit_log.count_documents({"action": "project.archive"}) == 3


def test_a_document_without_an_id_is_reported_not_lost(admin, mongo, make_project):
    make_project(missing=("id",), name="no id")
    data = {"action": "archive", "scope": "matching", "filters": ""}
    job = finish(admin.post("/projects/bulk/", data))
    (item,) = jobs.items(job.id, outcome="failed", after="", limit=9)
    assert (item.label, "no id" in item.detail) == ("no id", True)


@pytest.mark.parametrize(
    "data",
    [
        {"action": "archive"},
        {"action": "delete", "id": "x"},
        {"id": "x"},
        {"action": "archive", "id": [str(n) for n in range(501)]},
        {"action": "archive", "scope": "matching", "filters": "?type[$ne]="},
        {"action": "archive", "scope": "matching", "filters": "?created_from=never"},
    ],
)
def test_a_wrong_request_starts_nothing(admin, mongo, data: dict[str, Any]):
    assert admin.post("/projects/bulk/", data).status_code == 422
    assert mongo.jobs.count_documents({}) == 0


def test_a_viewer_cannot_archive(client_for, mongo, make_project):
    project = make_project()
    client = client_for("viewer")
    data = {"action": "archive", "id": project["id"]}
    assert client.post("/projects/bulk/", data).status_code == 403
    assert mongo.jobs.count_documents({}) == 0
