"""Erasing a customer: asked for, approved by another, complete, and on a receipt."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from devora_admin.config.env import BASE_DIR
from devora_admin.core import clock, job_runner, jobs, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.mongo import declared_indexes
from devora_admin.staff import approvals, audit
from devora_admin.staff.verifying import Verification
from devora_admin.users.erasing import again, queries, requests
from devora_admin.users.holdings import Holding, registered
from devora_admin.worker import loop
from tests import factories, killing
from tests.users import traces
from tests.users.traces import PSEUDONYMOUS, Traced, approved, found_everywhere, run_jobs


@pytest.fixture
def asker(staff):
    return audit.actor_for(staff("admin", email="asker@devora.example"))


@pytest.fixture
def decider(staff):
    return audit.actor_for(staff("admin", email="decider@devora.example"))


@pytest.fixture
def traced(mongo, actor) -> Traced:
    return Traced(mongo, actor)


@pytest.fixture
def erased(mongo, traced, asker, decider) -> tuple[Traced, str]:
    erasure_id = approved(traced.id, asker, decider)
    run_jobs()
    return traced, erasure_id


def test_the_marks_are_in_every_store_before(mongo, traced):
    planted = set(found_everywhere(mongo, traced.marks))
    assert planted >= {
        "users", "projects", "settings", "conversations", "analytics_events", "newsletter",
        "customer_notes", "audit_log", "jobs", "job_items", "editor_undo", "editor_presence",
        "import_reports", "staff_staffsession", "login_attempts",
    }  # fmt: skip


def test_afterwards_every_store_holds_nothing_but_ids_on_the_pseudonymous_record(mongo, erased):
    traced, erasure_id = erased
    assert mongo.erasures.find_one({"_id": erasure_id})["state"] == "done"
    left = found_everywhere(mongo, traced.marks)
    assert set(left) == PSEUDONYMOUS
    assert left["erasures"] == {traced.id}
    assert left["audit_log"] == {traced.id, *traced.project_ids}
    assert mongo.erasure_marks.count_documents({}) == 0


def test_the_audit_log_still_verifies_and_tells_what_was_done(mongo, erased):
    traced, _ = erased
    assert list(Verification().findings()) == []
    actions = {row["action"] for row in mongo.audit_log.find({"customer_id": traced.id})}
    assert {"users.suspend", "project.rename", "approval.ask", "approval.approve"} <= actions


def test_another_customer_is_untouched_to_the_byte(mongo, traced, asker, decider, actor):
    other = factories.insert(
        mongo.users, factories.customer(name="Other Person", email=f"x.{traces.EMAIL}")
    )
    project = factories.insert(mongo.projects, factories.project(user_id=other["id"]))
    mongo.projects.insert_one(
        factories.project(user_id=other["id"], description=f"Ask {traces.EMAIL} of {traced.id}")
    )
    mongo.settings.insert_one({"user_id": other["id"], "preferences": {}})
    mongo.conversations.insert_one({"user_id": other["id"], "project_id": project["id"]})
    mongo.analytics_events.insert_many([traces.event(other["id"], n) for n in range(5)])
    theirs = (other["id"].encode(), b"another")

    def held() -> dict[str, list[bytes]]:
        everything = traces.snapshot(mongo, without={"audit_log", "jobs"})
        return {
            name: [row for row in rows if any(mark in row for mark in theirs)]
            for name, rows in everything.items()
        }

    before = {name: rows for name, rows in held().items() if rows}
    assert set(before) > {"users", "projects", "settings", "conversations", "newsletter"}
    erasure_id = approved(traced.id, asker, decider)
    run_jobs()
    assert {name: rows for name, rows in held().items() if rows} == before
    found = mongo.erasures.find_one({"_id": erasure_id})["verification"]
    assert found["others"] == [{"collection": "projects", "documents": 1}]


def test_a_project_given_to_another_customer_stays_theirs(mongo, traced, asker, decider, actor):
    from devora_admin.projects.services import lifecycle

    other = factories.insert(mongo.users, factories.customer())
    given = traced.project_ids[1]
    lifecycle.transfer(given, user_id=other["id"], actor=actor)
    before = mongo.projects.find_one({"id": given})
    approved(traced.id, asker, decider)
    run_jobs()
    assert mongo.projects.find_one({"id": given}) == before
    assert mongo.projects.count_documents({}) == 1


def test_accounts_merged_into_it_go_with_it(mongo, traced, asker, decider):
    old = factories.insert(
        mongo.users, factories.customer(merged_into=traced.id, email="older@before.example")
    )
    oldest = factories.insert(
        mongo.users, factories.customer(merged_into=old["id"], email="oldest@before.example")
    )
    mongo.analytics_events.insert_many([traces.event(old["id"]), traces.event(oldest["id"])])
    approved(traced.id, asker, decider)
    run_jobs()
    gone = [each[key] for each in (old, oldest) for key in ("id", "email")]
    assert set(found_everywhere(mongo, gone)) <= PSEUDONYMOUS


def test_an_id_of_one_character_takes_nothing_along_that_only_holds_it(
    mongo, asker, decider, make_customer, make_project
):
    make_customer(id="1")
    make_project(id="2", user_id="1")
    theirs = [traces.event("1"), traces.event(None, project_id="2")]
    others = [traces.event(None, step="1 of 2", code=ord("1")), traces.event("other", step="1")]
    mongo.analytics_events.insert_many([*theirs, *others])
    approved("1", asker, decider)
    run_jobs()
    assert list(mongo.analytics_events.find()) == others
    assert mongo.users.count_documents({"id": "1"}) == 0


@pytest.mark.parametrize(
    "key",
    [
        raw_bson.Element(0x09, "_id", (2**62).to_bytes(8, "little")),
        raw_bson.Element(0x02, "_id", b"\x03\0\0\0\xff\xfe\0"),
    ],
    ids=["a date beyond all years", "no UTF-8"],
)
def test_a_document_under_a_key_that_does_not_read_back_goes_as_well(
    mongo, asker, decider, make_customer, key
):
    customer = make_customer()
    owner = raw_bson.element(customer["id"])
    for name in ("analytics_events", "settings", "newsletter"):
        mongo[name].insert_one(raw_bson.document(_id=key, user_id=owner))
    erasure_id = approved(customer["id"], asker, decider)
    run_jobs()
    assert mongo.erasures.find_one({"_id": erasure_id})["state"] == "done"
    assert set(found_everywhere(mongo, [customer["id"]])) == PSEUDONYMOUS


def test_a_waiting_or_refused_request_touches_nothing(mongo, traced, asker, decider):
    before = mongo.users.find_one({"id": traced.id})
    request_id = requests.ask(traced.id, typed=traces.EMAIL, reason="x", actor=asker)
    assert queries.standing(traced.id).approval_id == request_id
    with pytest.raises(Conflict, match="waiting"):
        requests.ask(traced.id, typed=traces.EMAIL, reason="x", actor=decider)
    approvals.reject(request_id, reason="no", actor=decider)
    assert queries.standing(traced.id) is None
    run_jobs()
    assert mongo.users.find_one({"id": traced.id}) == before
    assert mongo.erasures.count_documents({}) == 0


def test_it_is_asked_for_only_with_the_address_typed_and_a_reason(traced, asker):
    for typed, reason in (("wrong", "x"), (traces.EMAIL, " "), (traces.EMAIL, "\0")):
        with pytest.raises(InvalidInput):
            requests.ask(traced.id, typed=typed, reason=reason, actor=asker)
    with pytest.raises(NotFound):
        requests.ask("nobody", typed="x", reason="x", actor=asker)


def test_who_approves_sees_what_would_be_deleted(traced, asker):
    request_id = requests.ask(traced.id, typed=traces.EMAIL.upper(), reason="x", actor=asker)
    sentences = " ".join(approvals.consequences(approvals.find(request_id)))
    assert "projects: 4" in sentences
    assert "events: 30" in sentences


def test_the_account_is_barred_at_once_and_a_platform_that_revives_it_loses(
    mongo, traced, asker, decider
):
    approved(traced.id, asker, decider)
    barred = mongo.users.find_one({"id": traced.id})
    assert barred["status"] == "suspended"
    assert barred["erasure"]["id"]
    assert barred["sessions_revoked_at"] <= clock.now()
    mongo.users.update_one({"id": traced.id}, {"$set": {"status": "active"}})
    run_jobs()
    assert mongo.users.find_one({"id": traced.id}) is None


def test_staff_cannot_lift_the_bar(mongo, traced, asker, decider, actor):
    from devora_admin.users.services import standing

    approved(traced.id, asker, decider)
    with pytest.raises(Conflict, match="erased"):
        standing.reactivate_customer(traced.id, reason="x", actor=actor)
    with pytest.raises(Conflict, match="erased"):
        requests.ask(traced.id, typed=traces.EMAIL, reason="x", actor=asker)


@pytest.fixture
def platform_writing(mongo, traced) -> Any:
    """Writes about the customer while they are erased, until told to stop."""
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set() and len(written) < 60:
            mongo.analytics_events.insert_one(traces.event(traced.id))
            mongo.projects.insert_one(factories.project(user_id=traced.id))
            written.append(1)
            time.sleep(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    yield written
    stop.set()
    thread.join()


def test_what_the_platform_writes_meanwhile_goes_as_well(
    mongo, traced, asker, decider, platform_writing
):
    erasure_id = approved(traced.id, asker, decider)
    run_jobs()
    while len(platform_writing) < 60:
        time.sleep(0.05)
    row = mongo.erasures.find_one({"_id": erasure_id})
    assert row["passes"] >= 2
    # What came after the last pass is found when it is looked again.
    mongo.erasures.update_one({"_id": erasure_id}, {"$set": {"look_again_at": clock.now()}})
    again.look_again()
    run_jobs()
    assert mongo.analytics_events.count_documents({"user_id": traced.id}) == 0
    assert set(found_everywhere(mongo, traced.marks)) == PSEUDONYMOUS


def test_looking_again_takes_up_what_was_written_late_and_seals_anew(mongo, erased):
    traced, erasure_id = erased
    first = queries.erasure(erasure_id)
    mongo.settings.insert_one({"user_id": traced.id, "preferences": {}})
    soon = {"$set": {"look_again_at": clock.now() - timedelta(seconds=1)}}
    mongo.erasures.update_one({"_id": erasure_id}, soon)
    assert again.look_again() == 1
    assert not queries.erasure(erasure_id).is_done
    run_jobs()
    second = queries.erasure(erasure_id)
    assert second.is_done
    assert second.is_sealed
    assert second.erased == first.erased + 1
    assert mongo.settings.count_documents({"user_id": traced.id}) == 0


def test_looking_again_twice_in_vain_is_the_end_of_it(mongo, erased):
    _, erasure_id = erased
    for _ in range(2):
        soon = {"$set": {"look_again_at": clock.now() - timedelta(seconds=1)}}
        mongo.erasures.update_one({"_id": erasure_id}, soon)
        assert again.look_again() == 0
    assert "look_again_at" not in mongo.erasures.find_one({"_id": erasure_id})


def test_the_receipt_is_sealed_in_the_audit_log_and_holds_the_id_alone(mongo, erased):
    traced, erasure_id = erased
    found = queries.erasure(erasure_id)
    assert found.is_sealed
    assert traced.id in found.text
    for mark in (traces.EMAIL, traces.OLD_EMAIL, traces.NAME, traces.PROJECT_NAME):
        assert mark not in found.text
    counts = mongo.erasures.find_one({"_id": erasure_id})["counts"]
    assert (counts["account"], counts["events"], counts["settings"]) == (1, 31, 1)
    assert (counts["projects"], counts["conversations"]) == (4, 4)
    row = mongo.audit_log.find_one({"action": "users.erase"})
    assert row["after"]["receipt_sha256"] == found.sha256
    mongo.erasures.update_one({"_id": erasure_id}, {"$set": {"receipt": found.text + "x"}})
    assert not queries.erasure(erasure_id).is_sealed


def test_counts_are_whole_when_a_worker_is_killed_on_the_way(mongo, traced, asker, decider):
    mongo.analytics_events.insert_many([traces.event(traced.id, n) for n in range(20_000)])
    command = [sys.executable, str(BASE_DIR / "manage.py"), "worker"]
    erasure_id = approved(traced.id, asker, decider)
    kills = 0
    for _ in range(3):
        env = {**os.environ, "MEMORY_ENABLED": "0"}
        worker = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        before = mongo.erasures.find_one({"_id": erasure_id})["counts"].get("events", 0)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            row = mongo.erasures.find_one({"_id": erasure_id})
            if row["state"] == "done" or row["counts"].get("events", 0) > before + 1500:
                break
            time.sleep(0.005)
        kills += row["state"] != "done"
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        # Neither the transaction nor the job's lease is waited out.
        killing.roll_back_what_they_left(mongo.client)
        mongo.jobs.update_many({"state": "running"}, {"$set": {"lease_until": clock.now()}})
    assert kills >= 1
    run_jobs()
    row = mongo.erasures.find_one({"_id": erasure_id})
    assert (row["state"], row["counts"]["events"]) == ("done", 20_031)
    assert set(found_everywhere(mongo, traced.marks)) == PSEUDONYMOUS


def test_one_that_never_comes_to_an_end_stops_and_can_be_taken_up(
    mongo, traced, asker, decider, monkeypatch
):
    """As when the platform upserts a customer's settings without pause."""
    from devora_admin.users import holdings

    def restless() -> Holding:
        settings = next(each for each in registered() if each.name == "settings")
        from dataclasses import replace

        def erase(marks: Any) -> Any:
            yield from settings.erase(marks)
            mongo.settings.insert_one({"_id": ObjectId(), "user_id": traced.id})

        return replace(settings, erase=erase)

    monkeypatch.setattr("devora_admin.users.erasing.job.LONGEST_PAUSE_S", 0.0)
    monkeypatch.setitem(holdings._holdings, "settings", restless())
    erasure_id = approved(traced.id, asker, decider)
    run_jobs()
    found = queries.erasure(erasure_id)
    assert found.has_stopped
    assert "goes on writing" in found.job.error
    monkeypatch.undo()
    assert again.take_up(erasure_id, actor=decider)
    run_jobs()
    assert queries.erasure(erasure_id).is_done


def test_erasing_twice_has_a_clear_answer(mongo, erased, asker, decider):
    traced, _ = erased
    with pytest.raises(NotFound):
        requests.ask(traced.id, typed="x", reason="x", actor=asker)


def test_it_cannot_be_cancelled_half_way(client_for, traced, asker, decider):
    erasure_id = approved(traced.id, asker, decider)
    job_id = queries.erasure(erasure_id).job.id
    assert client_for("admin").post(f"/jobs/{job_id}/cancel/").status_code == 409
    assert jobs.find(job_id).running


def test_every_declared_collection_was_searched(mongo, erased):
    _, erasure_id = erased
    found = mongo.erasures.find_one({"_id": erasure_id})["verification"]
    assert (
        found["collections"]
        >= len(set(declared_indexes()) & set(mongo.list_collection_names())) - 1
    )
    assert found["size_bytes"] > 0


def test_a_session_keeps_what_names_nobody(mongo, erased):
    traced, _ = erased
    from devora_admin.staff.sessions import SessionStore

    row = mongo.staff_staffsession.find_one({"_id": traced.session_key})
    assert SessionStore().decode(row["session_data"]) == {"kept": 1}


def test_a_job_over_projects_of_several_customers_forgets_one(mongo, erased):
    row = mongo.jobs.find_one({"_id": "old-job"})
    assert row["params"]["ids"] == ["(erased)", "another"]
    assert row["title"] == "(erased)"
    assert row["actor"]["email"] == "a@b"


def test_two_workers_at_once_end_in_one_receipt(mongo, traced, asker, decider):
    erasure_id = approved(traced.id, asker, decider)
    job = queries.erasure(erasure_id).job
    threads = [threading.Thread(target=lambda: list(_handler(job))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queries.erasure(erasure_id).is_sealed
    assert mongo.audit_log.count_documents({"action": "users.erase"}) == 1


def _handler(job: Any) -> Any:
    return job_runner._handler(job)


def test_a_transaction_a_dead_worker_left_open_is_waited_out(mongo, traced, asker, decider):
    """MongoDB keeps one for a minute, and refuses other writes to the same documents."""
    erasure_id = approved(traced.id, asker, decider)
    dead = mongo.client.start_session()
    dead.start_transaction()
    mongo.analytics_events.delete_one({"user_id": traced.id}, session=dead)
    patience = threading.Timer(3.0, dead.abort_transaction)
    patience.start()
    stop = threading.Event()
    worker = threading.Thread(target=loop.work, args=(stop,))
    worker.start()
    deadline = time.monotonic() + 60
    while not queries.erasure(erasure_id).is_done and time.monotonic() < deadline:
        time.sleep(0.2)
        assert queries.erasure(erasure_id).job.state != "failed"
        waiting = {"state": "running", "lease_until": {"$lt": clock.now() + timedelta(seconds=18)}}
        mongo.jobs.update_many(waiting, {"$set": {"lease_until": clock.now()}})
    stop.set()
    worker.join()
    patience.join()
    dead.end_session()
    assert queries.erasure(erasure_id).is_done
