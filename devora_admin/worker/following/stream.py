"""One consumer's change stream, read as batches of changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pymongo
from bson.raw_bson import RawBSONDocument
from pymongo.change_stream import ChangeStream
from pymongo.errors import OperationFailure

from devora_admin.core import mongo
from devora_admin.core.consumers import Change, Consumer
from devora_admin.core.raw_bson import RAW

MOST_BYTES = 4 * 1024 * 1024
GATHER_S = 0.15
"""How long a batch waits for more changes after its first."""
_GATHER_STEP_S = 0.05
WAIT_MS = 200
"""How long the store holds back the answer when there is nothing."""

_PATIENCE_S = 120.0
"""After a long absence the store reads much that is of no concern here before it answers."""

_ENDINGS = ("drop", "rename", "dropDatabase", "invalidate")
# The oplog does not reach back so far, or the token is none of this stream's.
_PLACE_LOST = {136, 260, 280, 286}

Token = RawBSONDocument


class PlaceLost(Exception):
    """The stream cannot go on from where it was: everything has to be gone through once."""


@dataclass(frozen=True, slots=True)
class Event:
    change: Change
    token: Token
    """The place in the stream after it."""
    size_bytes: int


@dataclass(slots=True)
class Batch:
    token: Token
    """The place in the stream after it. Moves on without changes as well."""
    events: list[Event] = field(default_factory=list)
    size_bytes: int = 0
    is_last: bool = False
    """There were no more when it was read."""


def fresh_token(consumer: Consumer) -> Token:
    """The place in the stream as it is now."""
    with pymongo.timeout(_PATIENCE_S), _watch(consumer, _matching(consumer)) as stream:
        stream.try_next()
        return _place(stream)


class Stream:
    """Goes on by itself after a fault, from the last change it handed out."""

    def __init__(self, consumer: Consumer, token: Token) -> None:
        self._consumer = consumer
        self.token = token
        self._matching = _matching(consumer)
        self._thin = [*self._matching, {"$project": _THIN}]
        self._pipeline = [*self._matching, {"$project": {**_THIN, **_contents(consumer)}}]
        self._open: ChangeStream[RawBSONDocument] | None = None
        self._suspects = 0
        """How many changes after the token one of which the stream failed at."""

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def next_batch(
        self, *, most: int | None = None, is_stopping: Callable[[], bool] = lambda: False
    ) -> Batch:
        """Waits a moment for changes; without any the batch is empty.

        Raises PlaceLost, or what PyMongo raises.
        """
        most = most or self._consumer.most
        batch = Batch(self.token)
        until: float | None = None
        while not is_stopping():
            try:
                event = self._one_by_one() if self._suspects else self._next()
            except OperationFailure as error:
                self._failed(error)
                continue
            except PlaceLost:
                if not batch.events:
                    raise
                self.close()  # so that it comes again, with the next batch
                break
            batch.token = self.token
            if event is None:
                batch.is_last = True
                break
            batch.events.append(event)
            batch.size_bytes += event.size_bytes
            if len(batch.events) >= most or batch.size_bytes >= MOST_BYTES:
                break
            now = time.monotonic()
            until = until or now + GATHER_S
            if self._open is not None and not self._has_more_at_hand():
                if now >= until:
                    break
                time.sleep(_GATHER_STEP_S)  # one request for all that come meanwhile
        return batch

    def _next(self) -> Event | None:
        if self._open is None:
            self._open = _watch(
                self._consumer, self._pipeline, self.token, batch_size=self._consumer.most
            )
        with pymongo.timeout(_PATIENCE_S):
            found = self._open.try_next()
        if found is not None:
            event = _event(found)
            self.token = event.token
            return event
        if not self._open.alive:
            raise PlaceLost("The stream has ended.")
        self.token = _place(self._open)
        return None

    def _one_by_one(self) -> Event | None:
        """Each by a request of its own, as a fault of one takes those asked for with it along."""
        is_retry = False
        try:
            found = self._first_of(self._pipeline)
        except OperationFailure as error:
            _raise_if_elsewhere(error)
            is_retry = True
            found = self._first_without_contents()
        self._suspects = 0 if found is None or is_retry else self._suspects - 1
        if found is None:
            return None
        event = _event(found, is_retry=is_retry)
        self.token = event.token
        return event

    def _first_without_contents(self) -> RawBSONDocument | None:
        try:
            return self._first_of(self._thin)
        except OperationFailure as error:
            _raise_if_elsewhere(error)
            raise _lost(error) from error  # so it is the place itself

    def _first_of(self, pipeline: list[Any]) -> RawBSONDocument | None:
        with (
            pymongo.timeout(_PATIENCE_S),
            _watch(self._consumer, pipeline, self.token, batch_size=1) as stream,
        ):
            return stream.try_next()

    def _failed(self, error: OperationFailure) -> None:
        """Raises what no single change is to blame for."""
        self.close()
        _raise_if_elsewhere(error)
        if self._suspects:
            raise error
        self._suspects = self._consumer.most

    def _has_more_at_hand(self) -> bool:
        # Nothing public tells; without it each change of a steady flow would be a request.
        return self._open is not None and self._open._cursor._has_next()


def _raise_if_elsewhere(error: OperationFailure) -> None:
    if error.code in _PLACE_LOST:
        raise _lost(error) from error
    if mongo.is_unavailable(error) or error.code in _NOT_OURS:
        raise error


def _lost(error: OperationFailure) -> PlaceLost:
    return PlaceLost(str((error.details or {}).get("errmsg", error))[:300])


# Not signed in, not allowed: true of whatever is asked.
_NOT_OURS = {13, 18, 8000}


def _watch(
    consumer: Consumer, pipeline: list[Any], token: Token | None = None, *, batch_size: int = 0
) -> ChangeStream[RawBSONDocument]:
    # The database's stream: one of a collection ends for good when that is dropped.
    with pymongo.timeout(_PATIENCE_S):
        return (
            mongo.database()
            .with_options(codec_options=RAW)
            .watch(
                pipeline,
                resume_after=token,
                max_await_time_ms=WAIT_MS,
                batch_size=batch_size or None,
            )
        )


def _place(stream: ChangeStream[RawBSONDocument]) -> Token:
    return cast(Token, stream.resume_token)


def _matching(consumer: Consumer) -> list[dict[str, Any]]:
    ours = {"$in": list(consumer.collections)}
    return [
        {
            "$match": {
                "$or": [
                    {
                        "ns.coll": ours,
                        "operationType": {"$in": [*consumer.kinds, "drop", "rename"]},
                    },
                    {"to.coll": ours, "operationType": "rename"},
                    {"operationType": {"$in": ["dropDatabase", "invalidate"]}},
                ]
            }
        }
    ]


_THIN = {"operationType": 1, "coll": "$ns.coll", "key": "$documentKey._id", "clusterTime": 1,
         "wallTime": 1}  # fmt: skip


def _contents(consumer: Consumer) -> dict[str, Any]:
    """What changed, cut down by the consumer where it lies: what it does not need is not sent.

    Names of fields hold dots, so they are sent as values.
    """
    is_whole = {"$in": ["$operationType", ["insert", "replace"]]}
    fields = {"$objectToArray": "$updateDescription.updatedFields"}
    each = {"k": "$$field.k", "v": consumer.value}
    return {
        "document": {"$cond": [is_whole, consumer.document, "$$REMOVE"]},
        "set": {"$map": {"input": fields, "as": "field", "in": each}},
        "removed": "$updateDescription.removedFields",
        "cut": "$updateDescription.truncatedArrays",
    }


def _event(found: RawBSONDocument, *, is_retry: bool = False) -> Event:
    kind = found["operationType"]
    if kind in _ENDINGS:
        raise PlaceLost(f"The collection is another one now ({kind}).")
    at = found["clusterTime"]
    change = Change(
        collection=found["coll"],
        key=found["key"],
        kind="update" if is_retry and kind != "delete" else kind,
        at=found.get("wallTime") or at.as_datetime(),  # older servers tell no wall time
        cluster_time=at,
        document=found.get("document"),
        set=tuple((each["k"], each.get("v")) for each in found.get("set") or ()),
        removed=tuple(found.get("removed") or ()),
        cut=tuple((each["field"], each["newSize"]) for each in found.get("cut") or ()),
        is_retry=is_retry,
    )
    return Event(change, found["_id"], len(found.raw))
