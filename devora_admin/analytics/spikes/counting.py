"""How many events of each fault there were in an hour, kept for a week and a day.

An hour is counted anew from its events as long as it may still grow, so that counting twice, or by
two workers, comes to the same.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pymongo
from bson import MinKey
from pymongo.cursor import Cursor

from devora_admin.analytics.documents import BY_TYPE, FAILURES, events
from devora_admin.analytics.periods import hour_of
from devora_admin.analytics.spikes.documents import fault_hours
from devora_admin.analytics.spikes.messages import fault_of
from devora_admin.core import raw_bson
from devora_admin.support.suggestions.spiking import Fault

HOUR = timedelta(hours=1)
KEPT = timedelta(days=8)
MOST_EVENTS = 200_000
"""Of an hour: beyond, a spike needs no counting."""
_MOST_FAULTS = 500
_AT_ONCE = 20
_PATIENCE_S = 20.0
_READ = {"event_type": 1, "user_id": 1, "timestamp": 1, "properties.code": 1,
         "properties.message": 1, "properties.error": 1, "properties.model": 1}  # fmt: skip


@dataclass(slots=True)
class Window:
    """Of one fault, in the time that was read."""

    fault: Fault
    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    hit: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def add(self, at: datetime, user_id: Any) -> None:
        self.count += 1
        self.first_at = min(self.first_at or at, at)
        self.last_at = max(self.last_at or at, at)
        if raw_bson.is_text(user_id) and user_id:
            first, last = self.hit.get(user_id, (at, at))
            self.hit[user_id] = min(first, at), max(last, at)


def read(since: datetime, until: datetime) -> dict[str, Window]:
    """By fingerprint, from events at `since` until before `until`."""
    found: dict[str, Window] = {}
    for at, fault, user_id in _events(since, until):
        window = found.get(fault.fingerprint)
        if window is None:
            window = found[fault.fingerprint] = Window(fault)
        window.add(at, user_id)
    return found


def count_up(now: datetime) -> None:
    """This hour and the one before, and some of those that nobody has counted yet."""
    current = hour_of(now)
    for hour in (current, current - HOUR):
        _count(hour)
    fault_hours().delete_many({"_id": {"$lt": current - KEPT}})
    # First those of this time of day, which this hour is compared with.
    backs = sorted(range(2, KEPT // HOUR), key=lambda back: (back % 24 > 1, back))
    wanted = [current - HOUR * back for back in backs]
    there = {row["_id"] for row in fault_hours().find({"_id": {"$in": wanted}}, {"_id": 1})}
    for hour in [each for each in wanted if each not in there][:_AT_ONCE]:
        _count(hour)


def hours_of(names: set[str], now: datetime) -> dict[datetime, dict[str, int]]:
    """What was counted for these fingerprints, by hour; an hour nobody counted is left out."""
    fields = {f"counts.{name}": 1 for name in names} or {"_id": 1}
    found = fault_hours().find({"_id": {"$gt": hour_of(now) - KEPT}}, fields)
    return {row["_id"]: row.get("counts", {}) for row in found}


def _count(hour: datetime) -> None:
    counts = Counter(fault.fingerprint for _, fault, _ in _events(hour, hour + HOUR))
    kept = dict(counts.most_common(_MOST_FAULTS))
    fault_hours().update_one({"_id": hour}, {"$set": {"counts": kept}}, upsert=True)


def _events(since: datetime, until: datetime) -> Iterator[tuple[datetime, Fault, Any]]:
    with pymongo.timeout(_PATIENCE_S):
        for kind in FAILURES:
            for row in failed(kind, since, until).batch_size(5000):
                at = row["timestamp"]
                if isinstance(at, datetime):  # a list of dates is found by the index as well
                    yield at, fault_of(kind, row.get("properties")), row.get("user_id")


def failed(kind: str, since: datetime, until: datetime) -> Cursor[dict[str, Any]]:
    """A range of the index by type, between bounds that hold also where a single event has a
    list for its time: a condition alone would then be met from one side only."""
    collection = events().with_options(codec_options=raw_bson.LENIENT)
    during = {"event_type": kind, "timestamp": {"$gte": since, "$lt": until}}
    found = collection.find(during, _READ).hint(BY_TYPE).limit(MOST_EVENTS)
    low: Any = [("event_type", kind), ("timestamp", since), ("_id", MinKey())]
    high: Any = [("event_type", kind), ("timestamp", until), ("_id", MinKey())]
    return found.min(low).max(high)
