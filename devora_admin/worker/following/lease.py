"""Who may write for a consumer: one worker at a time, by the store's own clock.

Everything is written under the condition that the lease still holds, `epoch` being the same and
`lease_until` still to come, and that nothing was stored since it was read (`seq`). So a worker that
was stopped for longer than its lease writes nothing any more, and what was stored although the
answer got lost is not stored again.

A worker that is killed in the midst of a transaction leaves it open, and MongoDB would hold what it
wrote, this state too, for a minute. So the state names the session of whoever has the lease, and
who takes it over ends that session first.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pymongo
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from devora_admin.core import mongo
from devora_admin.core.consumers import Effect
from devora_admin.worker.documents import WORKER_STATE

log = logging.getLogger(__name__)

LASTS_MS = 6_000
NOW = object()
"""Stands for the store's time among values that are stored."""

Values = Mapping[str, Any]


# Whoever had it last neither stored anything nor released it.
_ENDED_WITHOUT_A_STEP = {
    "$and": [{"$ne": [{"$ifNull": ["$owner", None]}, None]}, {"$eq": ["$seq", "$taken_at_seq"]}]
}


class LeaseLost(Exception):
    """Another worker has it, or the state is not what was read: begin again from what is stored."""


def renew_every_s() -> float:
    return LASTS_MS / 4000


def states() -> Collection[dict[str, Any]]:
    return mongo.database()[WORKER_STATE]


def take(consumer: str, *, owner: str) -> "Lease | None":
    """None while another worker has it."""
    _end_what_was_left(consumer)
    session = mongo.client().start_session()
    try:
        lease = _take(consumer, owner, session)
    except BaseException:
        _discard(session)
        raise
    if lease is None:
        _discard(session)
    return lease


def _discard(session: ClientSession) -> None:
    """Ends it for good. In the driver's pool somebody else's transaction would take it up, and be
    ended along with ours. Nothing public keeps it out of there."""
    session._server_session.mark_dirty()
    session.end_session()


def _end_what_was_left(consumer: str) -> None:
    """Rolls back what the last one had open, when its time is over."""
    is_over = {"$expr": {"$lte": ["$lease_until", "$$NOW"]}}
    found = states().find_one({"_id": consumer, **is_over}, {"session": 1})
    if found is None or not found.get("session"):
        return
    try:
        db = mongo.database()
        db.command("killSessions", [found["session"]], codec_options=db.codec_options)
    except OperationFailure as error:
        # Some hosted ones refuse it. Then it takes the minute.
        log.warning("the session of the last worker was not ended: %s", error.details)


def _take(consumer: str, owner: str, session: ClientSession) -> "Lease | None":
    states().update_one({"_id": consumer}, {"$setOnInsert": {"seq": 0, "handled": 0}}, upsert=True)
    found = states().find_one_and_update(
        {"_id": consumer, "$expr": {"$lte": ["$lease_until", "$$NOW"]}},
        [
            {
                "$set": {
                    "owner": {"$literal": owner},
                    "session": {"$literal": session.session_id},
                    "deaths": {"$cond": [_ENDED_WITHOUT_A_STEP, {"$add": ["$deaths", 1]}, 0]},
                    "taken_at_seq": "$seq",
                    "epoch": {"$add": [{"$ifNull": ["$epoch", 0]}, 1]},
                    "taken_at": "$$NOW",
                    "lease_until": _until(),
                }
            }
        ],
        projection={"epoch": 1, "seq": 1},
        return_document=ReturnDocument.AFTER,
    )
    return Lease(consumer, found["epoch"], found["seq"], session) if found else None


@dataclass(slots=True)
class Lease:
    consumer: str
    epoch: int
    seq: int
    session: ClientSession | None = None
    """Of its transactions, by which they can be ended from outside."""
    lost: Event = field(default_factory=Event)

    def state(self) -> dict[str, Any]:
        """What is stored, from which to go on. Raises LeaseLost."""
        found = states().find_one({"_id": self.consumer, "epoch": self.epoch})
        if found is None:
            raise self._gone()
        self.seq = found["seq"]
        return found

    def store(self, values: Values, effect: Effect | None = None, *, handled: int = 0) -> None:
        """Stores values of the state, and the effect in the same transaction. Raises LeaseLost.

        handled: how many changes the effect is of.
        """
        if effect is None:
            self._write(values, handled, None)
        else:

            def work(session: ClientSession) -> None:
                # First, so that who has lost the lease finds out before the rest is written.
                self._write(values, handled, session)
                effect(session)

            mongo.run_in_transaction(work, session=self.session)
        self.seq += 1

    def renew(self, values: Values) -> None:
        """Goes on having it, and tells how it goes. Raises LeaseLost."""
        found = states().update_one(self._held(), [{"$set": _literally(values)}])
        if not found.matched_count:
            raise self._gone()

    def release(self) -> None:
        """Leaves it to the next worker at once; what is written from now on is refused."""
        self.lost.set()
        nobody = {"owner": None, "session": None}
        ended = {"lease_until": "$$NOW", "epoch": {"$add": ["$epoch", 1]}, **nobody}
        try:
            with pymongo.timeout(1.0):
                states().update_one(self._held(), [{"$set": ended}])
        finally:
            if self.session is not None:
                _discard(self.session)

    def _held(self) -> dict[str, Any]:
        in_time = {"$expr": {"$gt": ["$lease_until", "$$NOW"]}}
        return {"_id": self.consumer, "epoch": self.epoch, **in_time}

    def _write(self, values: Values, handled: int, session: ClientSession | None) -> None:
        counted = {
            "seq": {"$add": ["$seq", 1]},
            "handled": {"$add": ["$handled", handled]},
            "stored_at": "$$NOW",
        }
        found = states().update_one(
            {**self._held(), "seq": self.seq},
            [{"$set": {**_literally(values), **counted}}],
            session=session,
        )
        if not found.matched_count:
            raise self._gone()

    def _gone(self) -> LeaseLost:
        self.lost.set()
        return LeaseLost(self.consumer)


def _until() -> dict[str, Any]:
    return {"$add": ["$$NOW", LASTS_MS]}


def _literally(values: Values) -> dict[str, Any]:
    """For a pipeline, which would take a text that begins with "$" for the name of a field."""
    stored = {
        name: "$$NOW" if value is NOW else {"$literal": value} for name, value in values.items()
    }
    return {**stored, "lease_until": _until()}
