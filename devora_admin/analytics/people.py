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
_LOOKED_AT, _OF_ALL = 7, 64
"""Bits of time, and into what share of it they fall, before customers' days are asked."""
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
    """Some days after the other, until there are enough; within them by id."""
    by, value = point.held[0] if point.held else (ALL, "")
    seen = [seen_key(each, by, value) for each in point.types or (EVERY_TYPE,)]
    found: dict[str, None] = {}
    for first, last in point.spans():
        low = {"day": first.isoformat(), "user_id": MinKey()}
        high = {"day": last.isoformat(), "user_id": MaxKey()}
        of_span = {"_id": {"$gte": low, "$lte": high}, "seen": {"$in": seen}}
        found |= dict.fromkeys(_in_order(of_span, most, is_a_day=first == last))
        if len(found) >= most:
            break
    return list(found)[:most]


def _in_order(of_span: dict[str, Any], most: int, *, is_a_day: bool) -> Iterator[str]:
    stages: list[dict[str, Any]] = [{"$match": of_span}]
    # On a day they stand in their order already, each once.
    stages += [] if is_a_day else [{"$group": {"_id": "$_id.user_id"}}]
    stages += [{"$sort": {"_id": 1}}, {"$limit": most}]
    stages += [{"$project": _USER}] if is_a_day else []
    found = rollups(user_days().name).aggregate(stages, batchSize=_AT_ONCE)
    return (row["_id"] for row in found if isinstance(row["_id"], str))


def _of_events(point: Point, field: str, most: int) -> list[str]:
    """Bit by bit in time, until there are enough. Where the first bits promise too few and days
    tell of few customers, theirs are read in place of the rest, and nothing but what is behind the
    point."""
    match = {**point.counted(), field: {"$type": "string"}}
    found: dict[str, None] = {}
    # A day is asked first: one event with a list for its time has bits read far beyond them.
    looked_at = 0 if point.first == point.last else _LOOKED_AT
    for number, bit in enumerate(point.bits()):
        if number == looked_at and not point.hour and len(found) * _OF_ALL < most:
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
