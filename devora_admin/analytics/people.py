"""Customers behind a point of a chart, as a group that the customers list shows.

A key names the point: `did:types=…&types=…&by=…&value=…&first=…&last=…`, or an hour in
place of days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from bson import MaxKey, MinKey

from devora_admin.analytics import periods
from devora_admin.analytics.documents import COUNTED, EVENTS
from devora_admin.analytics.queries.reading import rollups
from devora_admin.analytics.rollups import state
from devora_admin.analytics.rollups.dimensions import ALL, DIMENSIONS, EVERY_TYPE
from devora_admin.analytics.rollups.people import seen_key, user_days
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.groups import Reader
from devora_admin.core.listing.patience import patience
from devora_admin.users.groups import CUSTOMERS

NAME = "did"
_LONGEST = 200
_TOO_SLOW = "Finding who is behind this point took too long. Choose a shorter time."
_NAMELESS = "This address names no point of a chart."


@dataclass(frozen=True, slots=True)
class Point:
    first: date
    last: date
    types: tuple[str, ...] = ()
    """Of events; () for any."""
    by: str = ALL
    value: str = ""
    hour: datetime | None = None
    """In UTC, in place of days."""

    @property
    def key(self) -> str:
        return key(self.types, self.by, self.value) + time(self.first, self.last, self.hour)


def key(types: Sequence[str], by: str, value: str) -> str:
    """What a key begins with; the time ends it."""
    what = {} if by == ALL else {"by": by, "value": value}
    asked = urlencode({"types": types, **what}, doseq=True)
    return f"{NAME}:{asked}{'&' if asked else ''}"


def time(first: date, last: date, hour: datetime | None = None) -> str:
    if hour:
        return urlencode({"hour": f"{hour:%Y-%m-%dT%H}"})
    return f"first={first.isoformat()}&last={last.isoformat()}"


def register() -> None:
    """Called once, when the app is ready."""
    CUSTOMERS.register(Reader(NAME, label, ids))


def label(rest: str) -> str:
    point = _read(rest)
    what = " or ".join(each.replace("_", " ") for each in point.types) or "anything"
    if point.value:
        what += f", {point.by.replace('_', ' ')} {point.value}"
    return f"{what}, {_when(point)}"


def ids(rest: str, most: int) -> list[str]:
    point = _read(rest)
    with patience(_TOO_SLOW):
        hour = point.hour
        found = _of_days(point, most) if hour is None else _of_hour(point, hour, most)
        return [each for each in found if isinstance(each, str)]


def _when(point: Point) -> str:
    if point.hour:
        local = point.hour.astimezone(state.state().zone)
        return f"{local.day} {local:%b %Y, %H:%M}"
    first, last = (f"{day.day} {day:%b %Y}" for day in (point.first, point.last))
    return first if first == last else f"{first} to {last}"


def _of_days(point: Point, most: int) -> Iterator[Any]:
    seen = [seen_key(each, point.by, point.value) for each in point.types or (EVERY_TYPE,)]
    low = {"day": point.first.isoformat(), "user_id": MinKey()}
    high = {"day": point.last.isoformat(), "user_id": MaxKey()}
    found = rollups(user_days().name).aggregate(
        [
            {"$match": {"_id": {"$gte": low, "$lte": high}, "seen": {"$in": seen}}},
            {"$group": {"_id": "$_id.user_id"}},
            {"$sort": {"_id": 1}},
            {"$limit": most},
        ]
    )
    return (row["_id"] for row in found)


def _of_hour(point: Point, hour: datetime, most: int) -> Iterator[Any]:
    """From the events themselves: what a customer did is kept by the day."""
    match: dict[str, Any] = {
        "timestamp": {"$gte": hour, "$lt": hour + timedelta(hours=1)},
        f"{COUNTED}.plan": {"$type": "string"},
        "user_id": {"$type": "string"},
    }
    if point.types:
        match["event_type"] = {"$in": list(point.types)}
    if point.by != ALL:
        match[f"{COUNTED}.{point.by}"] = point.value
    found = rollups(EVENTS).aggregate(
        [
            {"$match": match},
            {"$group": {"_id": "$user_id"}},
            {"$sort": {"_id": 1}},
            {"$limit": most},
        ]
    )
    return (row["_id"] for row in found)


def _read(rest: str) -> Point:
    """Raises InvalidInput."""
    try:
        given = parse_qs(rest, strict_parsing=True)
        types = tuple(given.pop("types", ()))
        told = {name: values[-1] for name, values in given.items()}
        by, value = told.pop("by", ALL), told.pop("value", "")
        hour = datetime.fromisoformat(f"{told.pop('hour')}:00+00:00") if "hour" in told else None
        first = date.fromisoformat(told.pop("first")) if hour is None else hour.date()
        last = date.fromisoformat(told.pop("last")) if hour is None else first
    except (ValueError, KeyError) as error:
        raise InvalidInput(_NAMELESS, field="group") from error
    is_known = by in (ALL, *DIMENSIONS) and not told and bool(value) == (by != ALL)
    if not is_known or len(types) > 10 or any(len(each) > _LONGEST for each in (*types, value)):
        raise InvalidInput(_NAMELESS, field="group")
    periods.checked(periods.Span(first, last), "day")
    return Point(first, last, types, by, value, hour)
