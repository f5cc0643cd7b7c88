"""Events of a day, and of none, in the order of the index by time.

Read by bounds of the index: a comparison passes over values of other types.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pymongo
from bson import MaxKey, MinKey
from bson.raw_bson import RawBSONDocument
from pymongo.cursor import Cursor

from devora_admin.analytics.documents import BY_TIME, EVENTS, events
from devora_admin.analytics.rollups.facts import AHEAD
from devora_admin.analytics.rollups.facts import EARLIEST as FIRST
from devora_admin.analytics.warehouse.rows import FIELDS
from devora_admin.core import mongo
from devora_admin.core.raw_bson import RAW

_PATIENCE_S = 120.0
_COUNTING_S = 1800.0
_AT_ONCE = 2000


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def of_day(day: date) -> Iterator[RawBSONDocument]:
    start = start_of(day)
    for event in _between(start, start + timedelta(days=1)):
        if isinstance(event.get("timestamp"), datetime):
            yield event


def of_no_day(now: datetime) -> Iterator[RawBSONDocument]:
    """Those without a timestamp, with one of another type, before FIRST or after now."""
    for start, end in ((MinKey(), FIRST), (now + AHEAD + timedelta(milliseconds=1), MaxKey())):
        for event in _between(start, end):
            if not isinstance(event.get("timestamp"), list):
                yield event
    if _has_lists():
        # A list stands in the index once for each item, and so on any day.
        found = _raw().find({"timestamp": {"$type": "array"}}, FIELDS, batch_size=_AT_ONCE)
        yield from _patiently(found.sort("_id", 1))


def counts(first: date, last: date) -> dict[date, int]:
    """How many events each day has, of those that have any; from the index alone."""
    within = {"$gte": start_of(first), "$lt": start_of(last) + timedelta(days=1)}
    is_date = {"$eq": [{"$type": "$timestamp"}, "date"]}
    day = {"$cond": [is_date, {"$dateTrunc": {"date": "$timestamp", "unit": "day"}}, None]}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"timestamp": within}},
        {"$group": {"_id": day, "events": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    with pymongo.timeout(_COUNTING_S):
        found = list(events().aggregate(pipeline, hint=BY_TIME))
    return {row["_id"].date(): row["events"] for row in found if row["_id"] is not None}


def _between(start: Any, end: Any) -> Iterator[RawBSONDocument]:
    cursor = _raw().find({}, FIELDS, batch_size=_AT_ONCE).hint(BY_TIME)
    low, high = [("timestamp", start), ("_id", MinKey())], [("timestamp", end), ("_id", MinKey())]
    yield from _patiently(cursor.min(low).max(high))


def _patiently(cursor: Cursor[RawBSONDocument]) -> Iterator[RawBSONDocument]:
    """A page's two seconds are too few for some batches."""
    with cursor:
        while True:
            with pymongo.timeout(_PATIENCE_S):
                event = next(cursor, None)
            if event is None:
                return
            yield event


def _has_lists() -> bool:
    """Whether any event has a list for its timestamp, as the index knows."""
    command = {"find": EVENTS, "filter": {"timestamp": FIRST}, "hint": BY_TIME}
    with pymongo.timeout(_PATIENCE_S):
        told = mongo.database().command({"explain": command, "verbosity": "queryPlanner"})
    return _is_multikey(told["queryPlanner"]["winningPlan"])


def _is_multikey(plan: Any) -> bool:
    if isinstance(plan, dict):
        return plan.get("isMultiKey") is True or any(map(_is_multikey, plan.values()))
    return isinstance(plan, list) and any(map(_is_multikey, plan))


def _raw() -> Any:
    return events().with_options(codec_options=RAW)
