"""Jobs are done once, go on after a crash, and keep a result per item."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from devora_admin.core import job_runner, jobs
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.jobs import ItemResult, Job

ACTOR = {"id": "1", "email": "a@b.example", "name": "A", "role": "admin"}


@pytest.fixture
def kind() -> Iterator[str]:
    """A job over `params["count"]` numbers; the seventh is skipped, the eighth fails."""

    def handler(job: Job) -> Iterator[ItemResult]:
        for number in range(job.cursor or 0, job.params["count"]):
            if number == job.params.get("breaks_at"):
                raise RuntimeError("boom")
            outcome: Any = {6: "skipped", 7: "failed"}.get(number, "done")
            yield ItemResult(f"{number:05}", f"Item {number}", outcome, cursor=number + 1)

    jobs.handles("test.count", permission="projects.archive", undone_by="test.count")(handler)
    yield "test.count"
    del jobs._KINDS["test.count"]


def start(kind: str, **params: Any) -> str:
    return jobs.enqueue(kind, title="Count", actor=ACTOR, params=params, total=params["count"])


def test_a_job_runs_to_its_end_with_a_result_per_item(kind: str):
    job_id = start(kind, count=250)
    assert job_runner.run_next("w1")
    job = jobs.find(job_id)
    assert (job.state, job.done, job.skipped, job.failed) == ("done", 248, 1, 1)
    assert len(list(jobs.every_item(job_id, outcome="done"))) == 248
    assert [item.item_id for item in jobs.items(job_id, outcome="failed", after="", limit=9)] == [
        "00007"
    ]
    assert not job_runner.run_next("w1")


def test_a_stopped_worker_leaves_the_job_to_the_next(kind: str):
    job_id = start(kind, count=10)
    asked = iter([False, False, True])
    job_runner.run_next("w1", stopping=lambda: next(asked, True))
    assert (jobs.find(job_id).state, jobs.find(job_id).handled) == ("waiting", 3)
    job_runner.run_next("w2")
    job = jobs.find(job_id)
    assert (job.state, job.handled) == ("done", 10)


def test_a_job_whose_worker_died_is_taken_up_when_its_lease_has_run_out(kind: str, mongo: Any):
    job_id = start(kind, count=5)
    assert job_runner._claim("dead") is not None
    assert not job_runner.run_next("w2")
    mongo.jobs.update_one(
        {"_id": job_id}, {"$set": {"lease_until": job_runner.clock.now() - job_runner.LEASE}}
    )
    assert job_runner.run_next("w2")
    assert jobs.find(job_id).done == 5


def test_a_worker_that_lost_its_lease_counts_nothing(kind: str, mongo: Any):
    job_id = start(kind, count=5)
    job_runner._claim("slow")
    mongo.jobs.update_one({"_id": job_id}, {"$set": {"worker": "other"}})
    with pytest.raises(job_runner._LostLease):
        job_runner._store(job_id, "slow", [ItemResult("1", "One", "done", cursor=1)])
    assert jobs.find(job_id).handled == 0
    assert mongo.job_items.count_documents({}) == 0


def test_two_workers_do_not_take_the_same_job(kind: str):
    start(kind, count=1)
    assert job_runner._claim("w1") is not None
    assert job_runner._claim("w2") is None


def test_a_handler_that_fails_fails_the_job_and_keeps_what_was_done(kind: str):
    job_id = start(kind, count=5, breaks_at=3)
    job_runner.run_next("w1")
    job = jobs.find(job_id)
    assert (job.state, job.done) == ("failed", 3)
    assert "boom" in job.error


def test_a_cancelled_job_notes_what_it_had_done_and_stops(kind: str):
    job_id = start(kind, count=500)
    asked = 0

    def cancel_at_five() -> bool:
        nonlocal asked
        asked += 1
        if asked == 5:
            jobs.cancel(job_id)
        return False

    job_runner.run_next("w1", stopping=cancel_at_five)
    job = jobs.find(job_id)
    assert job.state == "cancelled"
    assert job.handled == job_runner.BATCH
    assert not jobs.cancel(job_id)
    assert not job_runner.run_next("w1")


def test_an_undo_is_a_job_of_the_opposite_kind_and_comes_once(kind: str):
    job_id = start(kind, count=3)
    with pytest.raises(Conflict, match="undo"):
        jobs.undo(jobs.find(job_id), actor=ACTOR)
    job_runner.run_next("w1")
    undo_id = jobs.undo(jobs.find(job_id), actor=ACTOR)
    assert jobs.find(undo_id).params == {"undo_of": job_id}
    assert jobs.find(job_id).undone_by == undo_id
    with pytest.raises(Conflict, match="already"):
        jobs.undo(jobs.find(job_id), actor=ACTOR)


def test_a_job_of_an_unknown_kind_fails_alone(mongo: Any, kind: str):
    job_id = start(kind, count=1)
    mongo.jobs.update_one({"_id": job_id}, {"$set": {"kind": "gone"}})
    job_runner.run_next("w1")
    assert jobs.find(job_id).state == "failed"


def test_results_of_one_job_are_not_those_of_another(kind: str):
    first, second = start(kind, count=2), start(kind, count=3)
    while job_runner.run_next("w1"):
        pass
    assert len(jobs.items(first, outcome=None, after="", limit=10)) == 2
    assert len(jobs.items(second, outcome=None, after="", limit=10)) == 3


def test_an_unknown_job_is_not_found():
    with pytest.raises(NotFound):
        jobs.find("nope")


def test_jobs_are_listed_the_latest_first_page_by_page(kind: str):
    ids = [start(kind, count=1) for _ in range(5)]
    first = jobs.recent(limit=2)
    rest = jobs.recent(before=(first[-1].created_at, first[-1].id), limit=9)
    assert sorted(job.id for job in (*first, *rest)) == sorted(ids)


def test_an_item_met_twice_is_noted_once_and_fails_nothing(kind: str):
    job_id = start(kind, count=1)
    job_runner._claim("w1")
    twins = [ItemResult("1", "One", "done", cursor=1), ItemResult("1", "One", "skipped", cursor=2)]
    job_runner._store(job_id, "w1", twins)
    job_runner._store(job_id, "w1", twins[1:])
    job = jobs.find(job_id)
    assert (job.done, job.skipped, job.cursor) == (1, 0, 2)


def test_a_cancelled_job_is_undone_only_when_its_worker_has_noted_everything(kind: str):
    job_id = start(kind, count=3)
    job_runner._claim("w1")
    job_runner._store(job_id, "w1", [ItemResult("1", "One", "done", cursor=1)])
    jobs.cancel(job_id)
    with pytest.raises(Conflict, match="stopping"):
        jobs.undo(jobs.find(job_id), actor=ACTOR)
    stale = jobs.find(job_id)
    with pytest.raises(job_runner._LostLease):
        job_runner._store(job_id, "w1", [ItemResult("2", "Two", "done", cursor=2)])
    job_runner._let_go(job_id, "w1")
    assert jobs.find(jobs.undo(stale, actor=ACTOR)).total == 2


def test_a_cancelled_job_ends_without_an_error(kind: str, caplog: pytest.LogCaptureFixture):
    job_id = start(kind, count=500)
    job_runner.run_next("w1", stopping=lambda: bool(jobs.cancel(job_id)) and False)
    assert not caplog.records
    assert jobs.undo(jobs.find(job_id), actor=ACTOR)


def test_an_undo_that_cannot_be_stored_leaves_the_job_undoable(kind: str, mongo: Any):
    job_id = start(kind, count=3)
    job_runner.run_next("w1")
    unstorable = {**ACTOR, "name": "half \ud800"}
    with pytest.raises(UnicodeEncodeError):
        jobs.undo(jobs.find(job_id), actor=unstorable)
    assert jobs.find(job_id).undone_by is None


def test_work_without_a_result_yet_keeps_the_lease_and_the_place(mongo: Any):
    leases = []

    def handler(job: Job) -> Iterator[ItemResult | None]:
        yield ItemResult("1", "One", "done", cursor=1)
        for _ in range(3):
            time.sleep(job_runner.STORE_EVERY.total_seconds() + 0.05)
            yield None
            leases.append(mongo.jobs.find_one({})["lease_until"])

    jobs.handles("test.long", permission="projects.archive", unit="step")(handler)
    try:
        job_id = jobs.enqueue("test.long", title="Long", actor=ACTOR, params={}, total=1)
        job_runner.run_next("w1")
    finally:
        del jobs._KINDS["test.long"]
    assert leases[0] < leases[1] < leases[2]
    stored = mongo.jobs.find_one({})
    assert (stored["_id"], stored["cursor"], stored["counts"]["done"]) == (job_id, 1, 1)
