"""All is gone through at first and when the place in the stream is lost, and then followed."""

import time
from typing import Any

import pytest

from devora_admin.worker.following.lease import states
from tests.worker.following import is_live, seen, state, until, working
from tests.worker.recording import FOLLOWED, NAME, SEEN


def reconciled(mongo: Any) -> list[Any]:
    return [row["of"] for row in mongo[SEEN].find({"kind": "reconcile"}).sort("_id", 1)]


def test_at_first_all_is_gone_through_and_what_changes_meanwhile_is_followed(mongo):
    mongo[FOLLOWED].insert_many([{"_id": key, "n": 0} for key in range(35)])
    with working(piece_s="0.2"):
        until(lambda: (state().get("reconcile") or {}).get("handled") == 10)
        mongo[FOLLOWED].update_one({"_id": 3}, {"$set": {"n": 1}})
        assert state()["reconcile"]["total"] == 35
        until(is_live)
        until(seen)
    assert reconciled(mongo) == list(range(35))
    assert seen() == [(3, 1)]


def of_no_change(mongo: Any) -> str:
    """Like the token of a change, at a moment when there was none."""
    with mongo["elsewhere"].watch() as changes:
        mongo["elsewhere"].insert_one({})
        token = changes.next()["_id"]["_data"]
    return str(token[:10] + "00000000" + token[18:])


def of_nothing(mongo: Any) -> str:
    return "nonsense"


@pytest.mark.parametrize("token", [of_no_change, of_nothing])
def test_a_lost_place_is_made_good_although_the_worker_is_killed_in_between(mongo, token: Any):
    with working() as first:
        until(is_live)
        mongo[FOLLOWED].insert_one({"_id": 0, "n": 0})
        until(seen)
        first.stop()
    states().update_one({"_id": NAME}, {"$set": {"token": {"_data": token(mongo)}}})
    mongo[FOLLOWED].insert_many([{"_id": key, "n": 0} for key in range(1, 60)])
    with working(piece_s="0.1", lease_ms="1500") as second:
        until(lambda: (state().get("reconcile") or {}).get("handled", 0) >= 20)
        second.kill()
    with working(lease_ms="1500"):
        until(is_live)
        mongo[FOLLOWED].update_one({"_id": 7}, {"$set": {"n": 1}})
        until(lambda: len(seen()) == 2)
    assert reconciled(mongo) == list(range(60)), "each once, across the kill"
    assert seen() == [(0, 0), (7, 1)]


def test_a_collection_that_becomes_another_one_is_gone_through(mongo):
    mongo[FOLLOWED].insert_one({"_id": "old"})
    with working():
        until(is_live)
        mongo["other"].insert_one({"_id": "new"})
        mongo[FOLLOWED].insert_one({"_id": "last", "n": 0})
        mongo["other"].rename(FOLLOWED, dropTarget=True)
        until(lambda: "new" in reconciled(mongo))
        assert seen() == [("last", 0)]
        until(is_live)


def test_the_place_of_a_quiet_collection_moves_on(mongo):
    with working(token_s="1"):
        until(is_live)
        time.sleep(0.5)
        before = state()["token"]
        mongo["elsewhere"].insert_one({})
        until(lambda: state()["token"] != before)


def test_a_document_that_cannot_be_brought_up_to_date_is_set_aside(mongo):
    rows = [{"_id": key, "n": 0, **({"spoilt": True} if key == 7 else {})} for key in range(25)]
    mongo[FOLLOWED].insert_many(rows)
    with working():
        until(is_live)
        until(lambda: mongo.dead_letters.count_documents({"key": 7}) == 0)
    assert reconciled(mongo) == [key for key in range(25) if key != 7]
    assert seen() == [(7, 0)], "tried again later, by what is stored"
