"""The nightly check: is everything that MongoDB holds in memory, as it is now, and nothing else?

Whatever differs is marked, and the indexer sees to it. The place where the check is, and what it
found, are kept, so that it goes on after a restart.
"""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.ids import new_id
from devora_admin.memory import documents
from devora_admin.memory.chunking.thread import moment
from devora_admin.memory.documents import checks
from devora_admin.memory.errors import MemoryUnavailable
from devora_admin.memory.indexing import queue, vectors
from devora_admin.memory.indexing.sources import KINDS_OF, document_of, origin
from devora_admin.memory.store import reach

EVERY = timedelta(hours=24)
AT_ONCE = 1000
IDLE_S = 30.0
_CLAIM = timedelta(minutes=2)
THE_CHECK, REBUILD = "check", "rebuild"
_CLOSE = timedelta(milliseconds=1)
_GONE_FOR = timedelta(days=1)
"""Long after whoever had read a document before it was deleted."""


def ask_for_check(*, everything: bool = False, session: ClientSession | None = None) -> None:
    """Has it begin within a moment. everything: mark also what is as it should be."""
    _begin({"everything": everything}, session)


def begin_anew() -> None:
    """After an outage. One that marks everything still does; what nobody needs is left for now,
    as nobody knows what will be needed."""
    _begin({"is_extra": True}, None)


def _begin(asked: dict[str, Any], session: ClientSession | None) -> None:
    """Without an owner: whoever is at a piece of the one before cannot write how far it came."""
    begin = {"due_at": clock.now(), "place": None, "owner": None, **asked}
    checks().update_one({"_id": THE_CHECK}, {"$set": begin}, upsert=True, session=session)


def check_some() -> float:
    """Checks a piece, when it is time; seconds to wait before the next.

    Raises MemoryUnavailable.
    """
    row = _claim()
    if row is None:
        return IDLE_S
    place = row.get("place") or {"collection": next(iter(KINDS_OF)), "after": None}
    counts = row.get("counts") if row.get("place") else None
    counts = counts or {"documents": 0, "missing": 0, "older": 0, "left_over": 0}
    try:
        if "collection" in place:
            place = _forwards(place, counts, everything=row.get("everything", False))
        else:
            place = _backwards(place, counts)
    except MemoryUnavailable:
        _put(row, {"due_at": clock.now()})
        raise
    if place is not None:
        _put(row, {"due_at": clock.now(), "place": place, "counts": counts})
        return 0.0
    if not row.get("everything") and not row.get("is_extra"):
        _tidy_up(clock.now())
    return IDLE_S if _end(row, counts) else 0.0


def _end(row: dict[str, Any], counts: dict[str, int]) -> bool:
    """Whether this check is still the one that was asked for last."""

    def work(session: ClientSession) -> bool:
        ended = {"due_at": clock.now() + EVERY, "place": None, "everything": False,
                 "is_extra": False, "finished_at": "$$NOW", "found": {"$literal": counts},
                 "is_first": row.get("finished_at") is None, "owner": None}  # fmt: skip
        found = checks().find_one_and_update(
            _mine(row), [{"$set": ended}], return_document=ReturnDocument.AFTER, session=session
        )
        if found is None:
            return False
        marked = {"$set": {"marked_at": found["finished_at"]}}
        checks().update_one({"_id": REBUILD, "marked_at": None}, marked, session=session)
        return True

    return mongo.run_in_transaction(work)


def _tidy_up(now: datetime) -> None:
    """Removes what deleted documents left behind, and vectors of texts that are nowhere now."""
    with reach.writing(within_s=600) as cursor:
        cursor.execute("DELETE FROM memory_source WHERE deleted_at < %s", [now - _GONE_FOR])
        vectors.forget_unused(cursor)


def finish_rebuild() -> None:
    """Notes that a rebuild is done, once all that it marked has been read.

    When it was marked, and when all was, are both by the clock of MongoDB.
    """
    found = checks().find_one({"_id": REBUILD, "finished_at": None, "marked_at": {"$ne": None}})
    if found is None:
        return
    waiting = {"due_at": {"$exists": True}, "since": {"$lte": found["marked_at"]}}
    if documents.queue().find_one(waiting, {"_id": 1}) is None:
        still = {"_id": REBUILD, "started_at": found["started_at"], "marked_at": found["marked_at"]}
        checks().update_one(still, {"$set": {"finished_at": clock.now()}})


def _claim() -> dict[str, Any] | None:
    now = clock.now()
    try:
        found: dict[str, Any] | None = checks().find_one_and_update(
            {"_id": THE_CHECK, "due_at": {"$lte": now}},
            {"$set": {"due_at": now + _CLAIM, "owner": new_id()}},
            return_document=ReturnDocument.AFTER,
        )
        if found is None and not checks().find_one({"_id": THE_CHECK}, {"_id": 1}):
            checks().insert_one({"_id": THE_CHECK, "due_at": now + EVERY})
    except DuplicateKeyError:
        return None
    return found


def _put(row: dict[str, Any], values: dict[str, Any]) -> None:
    """Only while nobody asked for another check, or took this one over."""
    checks().update_one(_mine(row), {"$set": values})


def _mine(row: dict[str, Any]) -> dict[str, Any]:
    return {"_id": THE_CHECK, "owner": row["owner"]}


def _forwards(
    place: dict[str, Any], counts: dict[str, int], *, everything: bool
) -> dict[str, Any] | None:
    """Documents that memory lacks, or holds as they were before."""
    name = place["collection"]
    lenient = mongo.database().get_collection(name, codec_options=raw_bson.LENIENT)
    shown = {"id": 1, "updated_at": 1, "created_at": 1, "noted_at": 1}
    rows = list(documents.after(lenient, place["after"], shown, limit=AT_ONCE))
    found = {
        origin(name, row["_id"]): row
        for row in rows
        if isinstance(row.get("id"), str) and row["id"]
    }
    known = _known(list(found))
    different: list[tuple[str, Any]] = []
    for where, row in found.items():
        if where not in known:
            counts["missing"] += 1
        elif _is_older(known[where], _changed_at(row)):
            counts["older"] += 1
        elif not everything:
            continue
        different.append((name, row["_id"]))
    counts["documents"] += len(found)
    queue.mark(different)
    if len(rows) == AT_ONCE:
        return {"collection": name, "after": rows[-1]["_id"]}
    collections = list(KINDS_OF)
    following = collections.index(name) + 1
    if following < len(collections):
        return {"collection": collections[following], "after": None}
    # Also of those who have no document that would bring it back.
    decided = documents.decisions().aggregate([{"$group": {"_id": "$user_id"}}])
    queue.mark((documents.DECISIONS, row["_id"]) for row in decided)
    return {"source": 0}


def _changed_at(row: dict[str, Any]) -> datetime | None:
    times = (moment(row.get(key)) for key in ("updated_at", "noted_at", "created_at"))
    return next((each for each in times if each), None)


def _is_older(known: datetime | None, now: datetime | None) -> bool:
    if known is None or now is None:
        return known is not now
    return abs(known - now) > _CLOSE


def _known(origins: list[str]) -> dict[str, datetime | None]:
    with reach.reading(within_s=30) as cursor:
        cursor.execute(
            "SELECT origin, max(changed_at) FROM memory_source"
            " WHERE origin = ANY(%s) AND deleted_at IS NULL GROUP BY origin",
            [origins],
        )
        return dict(cursor.fetchall())


def _backwards(place: dict[str, Any], counts: dict[str, int]) -> dict[str, Any] | None:
    """What memory holds of documents that are gone."""
    with reach.reading(within_s=30) as cursor:
        cursor.execute(
            "SELECT id, origin FROM memory_source WHERE id > %s AND deleted_at IS NULL"
            " ORDER BY id LIMIT %s",
            [place["source"], AT_ONCE],
        )
        rows = cursor.fetchall()
    by_collection: dict[str, dict[str, Any]] = {}
    for _, where in rows:
        name, key = document_of(where)
        by_collection.setdefault(name, {})[where] = key
    for name, keys in by_collection.items():
        there = mongo.database()[name].find({"_id": {"$in": list(keys.values())}}, {"_id": 1})
        found = {origin(name, row["_id"]) for row in there}
        gone = [(name, key) for where, key in keys.items() if where not in found]
        counts["left_over"] += len(gone)
        queue.mark(gone)
    return {"source": rows[-1][0]} if len(rows) == AT_ONCE else None
