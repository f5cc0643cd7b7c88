"""The pages of background jobs."""

from typing import Any

import pytest

from devora_admin.core import job_runner, jobs
from devora_admin.projects.services import bulk


@pytest.fixture
def job_id(actor: Any, make_project: Any) -> str:
    ids = (*(make_project(name=f"p{n:03}")["id"] for n in range(60)), "gone")
    return bulk.start("archive", bulk.Chosen(ids=ids), total=61, actor=actor)


def test_a_running_job_asks_for_news_and_a_finished_one_does_not(admin, job_id):
    assert 'hx-trigger="every 1s"' in admin.get(f"/jobs/{job_id}/").content.decode()
    job_runner.run_next("test")
    body = admin.get(f"/jobs/{job_id}/").content.decode()
    assert "every 1s" not in body
    assert "Finished" in body
    assert "Undo" in body


def test_results_are_paged_and_filtered(admin, job_id):
    job_runner.run_next("test")
    first = admin.get(f"/jobs/{job_id}/").context["page"]
    second = admin.get(f"/jobs/{job_id}/", {"cursor": first.next}).context["page"]
    assert (len(first.items), len(second.items), second.next) == (50, 11, "")
    failed = admin.get(f"/jobs/{job_id}/?outcome=failed").context["page"]
    assert [item.item_id for item in failed.items] == ["gone"]


def test_a_job_can_be_cancelled_by_who_may_do_it(client_for, job_id):
    assert client_for("viewer").post(f"/jobs/{job_id}/cancel/").status_code == 403
    assert client_for("support").post(f"/jobs/{job_id}/cancel/").status_code == 302
    assert jobs.find(job_id).state == "cancelled"
    assert client_for("support").post(f"/jobs/{job_id}/cancel/").status_code == 409


@pytest.mark.parametrize("path", ["/jobs/nope/", "/jobs/%00/", "/jobs/" + "x" * 3000 + "/"])
def test_an_unknown_job_is_not_found(admin, path: str):
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize("query", ["outcome=odd", "cursor=1", "cursor=%00"])
def test_a_wrong_address_is_refused(admin, job_id, query: str):
    assert admin.get(f"/jobs/{job_id}/?{query}").status_code == 422


def test_jobs_are_listed(admin, job_id):
    assert "Archive 61 projects" in admin.get("/jobs/").content.decode()
    assert admin.get("/jobs/?cursor=1").status_code == 422


def test_no_job_yet_says_so(admin):
    assert "No job has run yet" in admin.get("/jobs/").content.decode()
