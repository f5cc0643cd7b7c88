"""Customers and projects behind a point of a chart, as groups that their lists show."""

from collections.abc import Iterator
from typing import Any

from bson import MaxKey, MinKey

from devora_admin.analytics import points
from devora_admin.analytics.documents import BY_TIME, BY_TYPE, EVENTS
from devora_admin.analytics.points import NAME, TOO_SLOW, Point
from devora_admin.analytics.queries.reading import rollups
from devora_admin.analytics.rollups.dimensions import ALL, EVERY_TYPE
from devora_admin.analytics.rollups.people import seen_key, user_days
from devora_admin.core.listing.groups import Reader
from devora_admin.core.listing.patience import patience
from devora_admin.projects.groups import PROJECTS
from devora_admin.users.groups import CUSTOMERS

_MOST_PEOPLE = 10_000
_LOOKED_AT = 7
"""Bits of time, together a sixty-fourth of it, before customers' days are asked."""
_AT_ONCE = 10_000
_USER = {"_id": "$_id.user_id"}


def register() -> None:
    """Called once, when the app is ready."""
    CUSTOMERS.register(Reader(NAME, points.label, customers))
    PROJECTS.register(Reader(NAME, points.label, projects))


def customers(rest: str, most: int) -> list[str]:
    """From their days, where these tell it: what a customer did is kept by the day, and by one
    dimension at a time. Otherwise from the events themselves."""
    point = points.read(rest)
    with patience(TOO_SLOW):
        if point.hour is None and len(point.held) < 2:
            return _of_days(point, most)
        return _of_events(point, "user_id", most)


def projects(rest: str, most: int) -> list[str]:
    """From the events."""
    point = points.read(rest)
    with patience(TOO_SLOW):
        return _of_events(point, "project_id", most)


def _of_days(point: Point, most: int) -> list[str]:
    by, value = point.held[0] if point.held else (ALL, "")
    seen = [seen_key(each, by, value) for each in point.types or (EVERY_TYPE,)]
    low = {"day": point.first.isoformat(), "user_id": MinKey()}
    high = {"day": point.last.isoformat(), "user_id": MaxKey()}
    stages: list[dict[str, Any]] = [
        {"$match": {"_id": {"$gte": low, "$lte": high}, "seen": {"$in": seen}}},
        {"$group": {"_id": "$_id.user_id"}},
        {"$sort": {"_id": 1}},
        {"$limit": most},
    ]
    if point.first == point.last:  # who stand in their order already, each once
        stages = [stages[0], {"$sort": {"_id": 1}}, {"$limit": most}, {"$project": _USER}]
    found = rollups(user_days().name).aggregate(stages, batchSize=_AT_ONCE)
    return [row["_id"] for row in found if isinstance(row["_id"], str)]


def _of_events(point: Point, field: str, most: int) -> list[str]:
    """Bit by bit in time, until there are enough. Where the first bits have too few and days tell
    of few customers, theirs are read in place of the rest, and nothing but what is behind the
    point."""
    match = {**point.counted(), field: {"$type": "string"}}
    found: dict[str, None] = {}
    for number, bit in enumerate(point.bits()):
        if number == _LOOKED_AT and not point.hour:
            who = _of_days(point, _MOST_PEOPLE + 1)
            if len(who) <= _MOST_PEOPLE:
                # What nobody is named by is nobody's day.
                theirs = {"user_id": {"$in": [*who, None, ""]}, **point.during(), **match}
                index = "customer_type" if point.types else "customer"
                return sorted(_grouped(theirs, field, index))[:most]
        in_order = BY_TYPE if point.types else BY_TIME
        found |= dict.fromkeys(sorted(_grouped({**bit, **match}, field, in_order)))
        if len(found) >= most:
            break
    return list(found)[:most]


def _grouped(match: dict[str, Any], field: str, index: str) -> Iterator[str]:
    stages = [{"$match": match}, {"$group": {"_id": f"${field}"}}]
    found = rollups(EVENTS).aggregate(stages, hint=index, batchSize=_AT_ONCE)
    return (row["_id"] for row in found)
