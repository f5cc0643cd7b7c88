"""A change that cannot be handled holds nothing up, and can be tried again."""

import time
from typing import Any

import pytest

from devora_admin.core import clock
from tests.worker.following import is_live, seen, state, until, working
from tests.worker.recording import FOLLOWED, SEEN

pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture
def worker() -> Any:
    with working(pauses="quick") as started:
        until(is_live)
        yield started


def letter(mongo: Any, **condition: Any) -> dict[str, Any]:
    return mongo["dead_letters"].find_one(condition) or {}


def test_others_pass_while_one_is_tried_five_times_and_then_set_aside(mongo, worker):
    followed = mongo[FOLLOWED]
    followed.insert_many([{"_id": key, "n": 0, "poison": key == 50} for key in range(100)])
    until(lambda: len(seen()) == 99, 5)
    until(lambda: letter(mongo, key=50).get("tries") == 5)
    row = letter(mongo, key=50)
    assert (row["consumer"], row["collection"], row["changes"]) == ("recorder", FOLLOWED, 1)
    assert row["due_at"] is None
    assert "50 cannot be handled" in row["error"]
    assert "recording.py" in row["error"]
    assert "50 cannot be handled" in state()["last_error"]
    followed.update_one({"_id": 50}, {"$set": {"n": 1, "poison": "still"}})
    followed.update_one({"_id": 51}, {"$set": {"n": 1}})
    until(lambda: (51, 1) in seen())
    row = letter(mongo)
    assert (row["changes"], row["tries"]) == (2, 5)
    assert mongo["dead_letters"].count_documents({}) == 1


def test_tries_survive_a_restart(mongo, worker):
    mongo[FOLLOWED].insert_one({"_id": 1, "n": 0, "poison": True})
    until(lambda: letter(mongo).get("tries", 0) >= 3)
    worker.kill()
    tries = letter(mongo)["tries"]
    with working():
        until(lambda: letter(mongo)["tries"] > tries, 15)


def test_tried_again_after_the_cause_is_gone_it_goes(mongo, worker):
    mongo[FOLLOWED].insert_one({"_id": 1, "n": 0, "poison": True})
    until(lambda: letter(mongo).get("tries") == 5)
    mongo[FOLLOWED].update_one({"_id": 1}, {"$set": {"poison": False, "n": 2}})
    until(lambda: seen() == [(1, 2)])
    time.sleep(1)
    assert letter(mongo), "the change that failed is still to be made good"
    mongo["dead_letters"].update_one({}, {"$set": {"due_at": clock.now()}})
    until(lambda: not letter(mongo), 3)
    assert mongo[SEEN].find_one({"is_retry": True})["n"] == 2


def test_a_change_too_large_for_the_stream_is_read_from_the_store(mongo):
    with working(doubles="1"):
        until(is_live)
        large = {"_id": "large", "n": 1, "text": "x" * 9_000_000}
        mongo[FOLLOWED].insert_many([{"_id": "before", "n": 0}, large, {"_id": "after", "n": 2}])
        until(lambda: len(seen()) == 3)
    assert seen() == [("before", 0), ("large", 1), ("after", 2)]
    retried = {row["of"]: row["is_retry"] for row in mongo[SEEN].find()}
    assert retried == {"before": False, "large": True, "after": False}


def test_what_is_due_may_fail_without_holding_up_the_rest_and_without_haste(mongo):
    with working(fails_due="1"):
        until(is_live)
        mongo[FOLLOWED].insert_one({"_id": 1, "n": 0})
        until(seen)
        until(lambda: "what is due fails" in state().get("last_error", ""))
        time.sleep(2)
        assert mongo["due_asked"].count_documents({}) <= 4
