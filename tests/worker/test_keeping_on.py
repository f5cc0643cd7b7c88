"""What is slow, too much or at fault is dealt with, and the rest goes on."""

import time

import pytest

from devora_admin.core import jobs
from devora_admin.projects.services import bulk
from tests.worker import recording
from tests.worker.following import holds, is_live, seen, state, until, working
from tests.worker.recording import FOLLOWED, SEEN


def test_a_change_too_large_for_the_stream_is_read_from_the_store(mongo):
    with working(doubles="1"):
        until(is_live)
        large = {"_id": "large", "n": 1, "text": "x" * 9_000_000}
        mongo[FOLLOWED].insert_many([{"_id": "before", "n": 0}, large, {"_id": "after", "n": 2}])
        until(lambda: len(seen()) == 3)
    assert seen() == [("before", 0), ("large", 1), ("after", 2)]
    retried = {row["of"]: row["is_retry"] for row in mongo[SEEN].find()}
    assert retried == {"before": False, "large": True, "after": False}


@pytest.mark.parametrize("too_much", ["bytes", "time"])
def test_a_batch_that_is_too_much_is_halved(mongo, too_much: str):
    with working(too_much=too_much):
        until(is_live)
        mongo[FOLLOWED].insert_many([{"_id": key, "n": 0} for key in range(150)])
        until(lambda: len(seen()) == 150)
    assert seen() == [(key, 0) for key in range(150)]
    assert mongo.dead_letters.count_documents({}) == 0


@pytest.mark.parametrize("what", ["due", "reconcile"])
def test_what_fails_beside_the_changes_is_told_and_tried_again_without_haste(mongo, what: str):
    with working(fails=what):
        if what == "due":
            until(is_live)
            mongo[FOLLOWED].insert_one({"_id": 1, "n": 0})
            until(seen)
        until(lambda: f"{what} fails" in state().get("last_error", ""))
        time.sleep(2)
        assert mongo["asked"].count_documents({}) <= 4


def test_one_that_fails_when_it_is_due_holds_no_other_up(mongo):
    mongo["waiting"].insert_many([{"_id": key, "poison": key == 3} for key in range(60)])
    with working(pauses="quick"):
        until(lambda: mongo["waiting"].count_documents({}) == 1)
    assert mongo["waiting"].find_one({})["_id"] == 3


def test_a_slow_job_stops_no_following_and_a_slow_change_stops_no_job(mongo, make_project, actor):
    actor_of_job = {"id": "x", "email": "", "name": "", "role": "admin"}
    slow = jobs.enqueue(recording.SLOW_JOB, title="Slow", actor=actor_of_job, params={}, total=None)
    with working() as first:
        until(lambda: jobs.find(slow).state == "running")
        until(is_live)
        mongo[FOLLOWED].insert_one({"_id": 1, "n": 0})
        until(seen, 10)
        assert jobs.find(slow).running
        jobs.cancel(slow)
        first.stop()
    with working(slow_s="20"):
        until(lambda: state()["owner"])
        mongo[FOLLOWED].insert_one({"_id": 2, "n": 0})
        time.sleep(1)
        job_id = bulk.start(
            "archive", bulk.Chosen(ids=(make_project()["id"],)), total=1, actor=actor
        )
        until(lambda: jobs.find(job_id).state == "done", 15)
        assert len(seen()) == 1


def test_a_lease_holds_through_a_long_batch_and_the_lag_is_told_meanwhile(mongo):
    with working(slow_s="5", lease_ms="1500") as first:
        until(lambda: is_live() and holds(first))
        with working(lease_ms="1500"):
            mongo[FOLLOWED].insert_one({"_id": 1, "n": 0})
            until(lambda: state().get("behind_since"))
            epoch = state()["epoch"]
            until(seen)
            assert (state()["epoch"], holds(first)) == (epoch, True)
    assert seen() == [(1, 0)]
