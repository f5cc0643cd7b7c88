"""The consumer of the change stream that brings events to ClickHouse.

An event is inserted first, and then the place in the stream is stored: killed in between, the
worker inserts it again, and ClickHouse keeps one of them. What is inserted is the event as it is
stored now, so the order of inserts does not matter: its version is the time of the change, and
whatever was changed later comes later.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pymongo
from bson import MinKey, Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.cursor import Cursor

from devora_admin.analytics.documents import EVENTS, events
from devora_admin.analytics.warehouse import clickhouse
from devora_admin.analytics.warehouse.columns import Row
from devora_admin.analytics.warehouse.rows import FIELDS, key_of, key_text, row_of
from devora_admin.core import clock, consumers, mongo
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled
from devora_admin.core.raw_bson import RAW

NAME = "warehouse"
_AT_ONCE = 2000
_MOST_BYTES = 32 * 1024 * 1024
"""Of events in one insert."""
_PATIENCE_S = 60.0
_OWNER = {"user_id": "$fullDocument.user_id"}


def register() -> None:
    """Called once, when the app is ready and ClickHouse is on."""
    consumers.register(
        Consumer(
            NAME, "Events to ClickHouse", (EVENTS,),
            apply=apply, reconcile=reconcile, value={"$literal": 0}, document=_OWNER,
        )
    )  # fmt: skip


def apply(changes: Sequence[Change]) -> Effect:
    # The last change of each: it is read as it is now, whatever came before.
    latest = {key_text(change.key): change for change in changes}
    keys = [change.key for change in latest.values() if change.kind != "delete"]
    found = _raw().find({"_id": {"$in": keys}}, FIELDS) if keys else None
    for rows in _parts(found):
        clickhouse.insert([(row, _moment(latest[row.id].cluster_time)) for row in rows])
    clickhouse.delete({text for text, change in latest.items() if change.kind == "delete"})
    return _nothing


def reconcile(position: Any) -> Reconciled:
    """Inserts every event, a piece at a time, then deletes what is not in MongoDB any more."""
    if position is None or position["phase"] == "events":
        return _events(position["after"] if position else MinKey())
    return _gone(position["after"])


def _events(after: Any) -> Reconciled:
    now = _now()  # before anything is read: what changes from now on is followed later
    found = _raw().find({}, FIELDS).hint([("_id", 1)]).min([("_id", after)]).limit(_AT_ONCE + 1)
    handled, last = 0, after
    for events_read in _pieces(found):
        fresh = [event for event in events_read if event["_id"] != after]
        clickhouse.insert([(_row(event), now) for event in fresh])
        handled, last = handled + len(fresh), events_read[-1]["_id"]
    total = events().estimated_document_count()
    if last == after:
        return Reconciled(_nothing, {"phase": "gone", "after": ""}, 0, total)
    return Reconciled(_nothing, {"phase": "events", "after": last}, handled, total)


def _gone(after: str) -> Reconciled:
    ids = clickhouse.ids_after(after, limit=_AT_ONCE)
    keys = [key_of(each) for each in ids]
    with pymongo.timeout(_PATIENCE_S):
        there = {key_text(row["_id"]) for row in _raw().find({"_id": {"$in": keys}}, {"_id": 1})}
    clickhouse.delete(set(ids) - there)
    return Reconciled(_nothing, {"phase": "gone", "after": ids[-1]} if ids else None, 0)


def _parts(found: Cursor[RawBSONDocument] | None) -> Iterator[list[Row]]:
    for piece in _pieces(found) if found is not None else ():
        yield [_row(event) for event in piece]


def _pieces(found: Cursor[RawBSONDocument]) -> Iterator[list[RawBSONDocument]]:
    """What fits into one insert. The next is read once that is done."""
    piece: list[RawBSONDocument] = []
    size = 0
    with found:
        while True:
            with pymongo.timeout(_PATIENCE_S):
                event = next(found, None)
            if event is None:
                break
            piece.append(event)
            size += len(event.raw)
            if size > _MOST_BYTES:
                yield piece
                piece, size = [], 0
    if piece:
        yield piece


def _row(event: RawBSONDocument) -> Row:
    return row_of(event, now=clock.now())


def _moment(time: Timestamp) -> int:
    return (time.time << 32) | time.inc


def _now() -> int:
    """The store's own time, as changes have it."""
    return _moment(mongo.database().command("ping")["operationTime"])


def _raw() -> Collection[RawBSONDocument]:
    return events().with_options(codec_options=RAW)


def _nothing(session: ClientSession) -> None:
    """ClickHouse has it already."""
