"""The one document that says what the rollups are of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.analytics.documents import STATE
from devora_admin.analytics.periods import Span
from devora_admin.core import clock, mongo

_ID = "rollups"


@dataclass(frozen=True, slots=True)
class Rebuild:
    first: date
    last: date
    day: date
    """Up to which it is done."""
    is_whole: bool
    """Of all days there were when it began."""
    at: datetime

    @property
    def share(self) -> float:
        days = (self.last - self.first).days + 1
        return min(1.0, ((self.day - self.first).days + 1) / days)


@dataclass(frozen=True, slots=True)
class State:
    zone_name: str
    """Whose days the rollups are of."""
    counted: int = 0
    """Events, as they came; those erased since are among them."""
    counted_at: datetime | None = None
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of each dimension and of types: those that are counted apart."""
    rebuild: Rebuild | None = None
    """One that is under way, or broke off."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    @property
    def needs_rebuild(self) -> bool:
        """Whether the days are those of another time zone than the setting says."""
        return self.zone_name != settings.TIME_ZONE


def documents() -> Collection[dict[str, Any]]:
    return mongo.database()[STATE]


def state() -> State:
    return _state(documents().find_one({"_id": _ID}) or {})


def counting(events: int, session: ClientSession) -> State:
    """Notes so many more, by which whoever changes the time zone waits for this transaction or it
    for them: nothing is counted in a zone that is no more."""
    noted = {"$inc": {"counted": events}, "$set": {"counted_at": clock.now()}}
    return _noted(noted, session)


def held(session: ClientSession) -> State:
    """Likewise, where nothing is added."""
    # To add 0 would write nothing, and keep nobody waiting.
    return _noted({"$inc": {"held": 1}}, session)


def _noted(update: dict[str, Any], session: ClientSession) -> State:
    found = documents().find_one_and_update(
        {"_id": _ID},
        {**update, "$setOnInsert": {"zone": settings.TIME_ZONE}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return _state(found or {})


def add_values(values: Mapping[str, Sequence[str]], session: ClientSession) -> None:
    added = {f"values.{name}": {"$each": list(each)} for name, each in values.items()}
    documents().update_one({"_id": _ID}, {"$addToSet": added}, session=session)


def rebuilds(session: ClientSession) -> int:
    """How often a rebuild has written."""
    found = documents().find_one({"_id": _ID}, {"rebuilds": 1}, session=session)
    number: int = (found or {}).get("rebuilds", 0)
    return number


def rebuilt(before: int, session: ClientSession) -> bool:
    """Notes another one; False when one was noted since."""
    unchanged = {"_id": _ID, "rebuilds": before or {"$in": [0, None]}}
    update = {"$set": {"rebuilds": before + 1}}
    return documents().update_one(unchanged, update, session=session).matched_count > 0


def begin_rebuild(span: Span, day: date, *, is_whole: bool) -> None:
    """Of all days they are those of the time zone that is set from now on, in the same write."""
    told = {**_bounds(span, is_whole), "day": day.isoformat(), "at": clock.now()}
    zone = {"zone": settings.TIME_ZONE}
    update = {"$set": {"rebuild": told}, "$setOnInsert": zone}
    if is_whole:
        update = {"$set": {"rebuild": told, **zone}}
    documents().update_one({"_id": _ID}, update, upsert=True)


def note_rebuild(span: Span, day: date, *, is_whole: bool) -> None:
    """How far it is; nothing where another one began since."""
    documents().update_one(
        _of_rebuild(span, is_whole),
        {"$set": {"rebuild.day": day.isoformat(), "rebuild.at": clock.now()}},
    )


def end_rebuild(span: Span, *, is_whole: bool) -> None:
    documents().update_one(_of_rebuild(span, is_whole), {"$unset": {"rebuild": ""}})


def nothing_to_rebuild() -> None:
    update = {"$set": {"zone": settings.TIME_ZONE}, "$unset": {"rebuild": ""}}
    documents().update_one({"_id": _ID}, update, upsert=True)


def _bounds(span: Span, is_whole: bool) -> dict[str, Any]:
    return {
        "first": span.first.isoformat(), "last": span.last.isoformat(), "is_whole": is_whole
    }  # fmt: skip


def _of_rebuild(span: Span, is_whole: bool) -> dict[str, Any]:
    bounds = {f"rebuild.{name}": value for name, value in _bounds(span, is_whole).items()}
    return {"_id": _ID, **bounds}


def _state(row: dict[str, Any]) -> State:
    told = row.get("rebuild")
    rebuild = None
    if told:
        first, last, day = (date.fromisoformat(told[name]) for name in ("first", "last", "day"))
        rebuild = Rebuild(first, last, day, bool(told.get("is_whole")), told["at"])
    return State(
        row.get("zone") or settings.TIME_ZONE,
        row.get("counted", 0),
        row.get("counted_at"),
        row.get("values") or {},
        rebuild,
    )
