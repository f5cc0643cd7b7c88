"""A change that cannot be handled holds nothing up, and can be tried again."""

import contextlib
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.worker import services
from devora_admin.worker.following import lease, letters, stream
from devora_admin.worker.following.applying import Applying
from devora_admin.worker.following.progress import Progress
from tests.worker import recording
from tests.worker.following import is_live, seen, state, until, working
from tests.worker.recording import FOLLOWED, SEEN


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
    until(lambda: len(seen()) == 99)
    until(lambda: letter(mongo, key=50).get("tries") == 5)
    row = letter(mongo, key=50)
    assert (row["consumer"], row["collection"], row["changes"]) == ("recorder", FOLLOWED, 1)
    assert row["due_at"] is None
    assert "50 cannot be handled" in row["error"]
    assert "recording.py" in row["error"]
    assert state()["last_error"].startswith("Poison: ")
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


def test_tried_again_after_the_cause_is_gone_it_goes(mongo, worker, actor):
    mongo[FOLLOWED].insert_one({"_id": 1, "n": 0, "poison": True})
    until(lambda: letter(mongo).get("tries") == 5)
    mongo[FOLLOWED].update_one({"_id": 1}, {"$set": {"poison": False, "n": 2}})
    until(lambda: seen() == [(1, 2)])
    time.sleep(1)
    assert letter(mongo), "the change that failed is still to be made good"
    services.retry_letter(letter(mongo)["_id"], actor=actor)
    until(lambda: not letter(mongo), 8)
    assert mongo[SEEN].find_one({"is_retry": True})["n"] == 2


def test_a_change_that_is_the_workers_death_is_set_aside_in_the_end(mongo, monkeypatch):
    """Dying is an exception here that nothing on the way stops, as nothing stops a kill."""
    deaths = 0

    class Death(BaseException):
        pass

    def apply(changes: Any) -> Any:
        nonlocal deaths
        if any(change.key == 2 for change in changes):
            deaths += 1
            raise Death
        return applied(changes)

    recorder = recording.consumer()
    applied, recorder = recorder.apply, replace(recorder, apply=apply)
    monkeypatch.setattr(lease, "LASTS_MS", 1)
    first = lease.take(recording.NAME, owner="first")
    assert first
    monkeypatch.setattr(lease, "LASTS_MS", 6000)
    mongo.worker_state.update_one({}, {"$set": {"token": stream.fresh_token(recorder)}})
    mongo[FOLLOWED].insert_many([{"_id": key, "n": 0} for key in range(5)])
    while not letter(mongo):
        held = lease.take(recording.NAME, owner="next")
        assert held
        stop = threading.Event()
        with contextlib.suppress(Death):
            batch = stream.Stream(recorder, held.state()["token"]).next_batch()
            Applying(recorder, held, Progress(), stop, state=held.state()).batch(batch)
        gone = {"$set": {"lease_until": clock.now() - timedelta(seconds=1)}}
        mongo.worker_state.update_one({}, gone)
    assert letter(mongo)["key"] == 2
    assert letter(mongo)["tries"] == 5
    assert deaths < 10
    assert [key for key, _ in seen()] == [0, 1, 3, 4]


def test_what_comes_later_of_a_document_set_aside_says_that_something_is_missing(mongo, worker):
    """A consumer that builds on the change before has to read what is stored."""
    mongo[FOLLOWED].insert_many([{"_id": key, "n": 0, "poison": key == 5} for key in range(10)])
    until(lambda: letter(mongo, key=5).get("tries") == 5)
    later = [replace(recording.change_of(key), is_retry=False) for key in (4, 5, 6)]
    told = letters.told_apart(recording.NAME, later)
    assert [(each.key, each.is_retry) for each in told] == [(4, False), (5, True), (6, False)]
    assert not any(each.is_retry for each in letters.told_apart("another", later))
