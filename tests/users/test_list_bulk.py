"""Suspending many customers: a question, a job with a result for each, an undo; and the CSV."""

import csv
import io
import re
from typing import Any

import pytest

from devora_admin.core import job_runner, jobs
from devora_admin.core.listing import export
from devora_admin.users.services import bulk


def finish(response: Any) -> jobs.Job:
    assert response.status_code == 302, response.content.decode()[:2000]
    job_id = response["Location"].split("/")[2]
    while job_runner.run_next("test"):
        pass
    return jobs.find(job_id)


def suspended(mongo: Any) -> set[str]:
    return {row["name"] for row in mongo.users.find({"status": "suspended"})}


def test_selected_customers_are_suspended_with_the_reason(admin, mongo, make_customer):
    ids = [make_customer(name=f"c{number}")["id"] for number in range(3)]
    make_customer(name="other")
    job = finish(admin.post("/users/bulk/", {"action": "suspend", "id": ids, "reason": "Fraud"}))
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert suspended(mongo) == {"c0", "c1", "c2"}
    rows = list(mongo.audit_log.find({"action": "users.suspend"}))
    assert len(rows) == 3
    assert {row["subject"]["id"] for row in rows} == set(ids)
    assert "Fraud" in str(rows[0])


def test_all_that_match_are_taken_beyond_the_page(admin, mongo, make_customer):
    for number in range(60):
        make_customer(name=f"hit {number}", subscription={"plan": "free"})
    make_customer(name="other")
    data = {"action": "suspend", "scope": "matching", "filters": "?plan=free", "reason": "Spam"}
    body = admin.post("/users/bulk/confirm/", data).content.decode()
    assert "Suspend 60 customers?" in re.sub(r"\s+", " ", body)
    assert 'name="reason"' in body
    assert not suspended(mongo)
    job = finish(admin.post("/users/bulk/", data))
    assert (job.done, job.total) == (60, 60)
    assert "other" not in suspended(mongo)


def test_undo_gives_each_the_status_they_had(admin, mongo, make_customer):
    pending = make_customer(status="pending")["id"]
    absent = make_customer(missing=("status",))["id"]
    already = make_customer(status="suspended")["id"]
    changed = make_customer()["id"]
    ids = [pending, absent, already, changed]
    job = finish(admin.post("/users/bulk/", {"action": "suspend", "id": ids, "reason": "Oops"}))
    assert (job.done, job.skipped) == (3, 1)
    mongo.users.update_one({"id": changed}, {"$set": {"status": "banned"}})
    undone = finish(admin.post(f"/jobs/{job.id}/undo/"))
    assert (undone.done, undone.skipped) == (2, 1)
    found = {row["id"]: row.get("status", "none") for row in mongo.users.find()}
    assert found == {
        pending: "pending", absent: "none", already: "suspended", changed: "banned",
    }  # fmt: skip
    results = {
        item.item_id: item for item in jobs.items(undone.id, outcome=None, after="", limit=9)
    }
    assert "changed since" in results[changed].detail


def test_a_job_resumed_after_a_crash_counts_its_own_work_as_done(actor, mongo, make_customer):
    ids = tuple(make_customer()["id"] for _ in range(2))
    job_id = bulk.start("suspend", bulk.Chosen(ids=ids), reason="x", total=2, actor=actor)
    claimed = job_runner._claim("dies")
    assert claimed is not None
    next(jobs._KINDS[bulk.SUSPEND].handler(claimed))  # suspended, never noted
    mongo.jobs.update_one({"_id": job_id}, {"$set": {"lease_until": claimed.created_at}})
    job_runner.run_next("lives")
    assert (jobs.find(job_id).done, jobs.find(job_id).skipped) == (2, 0)


@pytest.mark.parametrize(
    "data",
    [
        {"action": "suspend", "reason": "x"},
        {"action": "suspend", "id": "x"},
        {"action": "suspend", "id": "x", "reason": "  "},
        {"action": "delete", "id": "x", "reason": "x"},
        {"action": "suspend", "scope": "matching", "filters": "?plan[$ne]=", "reason": "x"},
    ],
)
def test_a_wrong_request_starts_nothing(admin, mongo, data: dict[str, Any]):
    assert admin.post("/users/bulk/", data).status_code == 422
    assert mongo.jobs.count_documents({}) == 0


def test_a_viewer_cannot_suspend_or_export(client_for, mongo, make_customer):
    client = client_for("viewer")
    data = {"action": "suspend", "id": make_customer()["id"], "reason": "x"}
    assert client.post("/users/bulk/", data).status_code == 403
    assert client.get("/users/export.csv").status_code == 403


def test_every_matching_customer_is_exported_once_as_text(admin, make_customer, monkeypatch):
    monkeypatch.setattr(export, "_AT_ONCE", 7)
    for number in range(20):
        make_customer(name=f"c{number:02}", subscription={"plan": "pro"}, missing=("status",))
    make_customer(name="=1+1", email="+x@y.z", subscription={"plan": "pro"}, created_at="odd")
    make_customer(name="other")
    response = admin.get("/users/export.csv?plan=pro&sort=name")
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert "customers-" in response["Content-Disposition"]
    assert "-21-rows.csv" in response["Content-Disposition"]
    names = [row["name"] for row in rows]
    assert sorted(names) == sorted([f"c{number:02}" for number in range(20)] + ["'=1+1"])
    odd = next(row for row in rows if row["name"] == "'=1+1")
    assert odd["email"] == "'+x@y.z"
    assert odd["faults"] == "created_at is text, not date"
    assert {row["status"] for row in rows} == {"active"}
    assert "never-shown" not in body


def test_the_job_speaks_of_customers_and_leads_to_them(admin, make_customer):
    customer = make_customer(name="Ada")["id"]
    data = {"action": "suspend", "id": [customer], "reason": "Fraud"}
    job = finish(admin.post("/users/bulk/", data))
    body = re.sub(r"\s+", " ", admin.get(f"/jobs/{job.id}/").content.decode())
    assert f'href="/users/{customer}/"' in body
    assert "/projects/" + customer not in body
    assert '<th scope="col">Customer</th>' in body
