"""Customers and projects behind a point of a chart, as groups that their lists show."""

from collections.abc import Iterator
from typing import Any

from bson import MaxKey, MinKey

from devora_admin.analytics import points
from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.points import NAME, TOO_SLOW, Point
from devora_admin.analytics.queries.reading import rollups
from devora_admin.analytics.rollups.dimensions import ALL, EVERY_TYPE
from devora_admin.analytics.rollups.people import seen_key, user_days
from devora_admin.core.listing.groups import Reader
from devora_admin.core.listing.patience import patience
from devora_admin.projects.groups import PROJECTS
from devora_admin.users.groups import CUSTOMERS


def register() -> None:
    """Called once, when the app is ready."""
    CUSTOMERS.register(Reader(NAME, points.label, customers))
    PROJECTS.register(Reader(NAME, points.label, projects))


def customers(rest: str, most: int) -> list[str]:
    """From their days, where these tell it: what a customer did is kept by the day, and by one
    dimension at a time. Otherwise from the events themselves."""
    point = points.read(rest)
    with patience(TOO_SLOW):
        is_of_days = point.hour is None and len(point.held) < 2
        found = _of_days(point, most) if is_of_days else _of_events(point, "user_id", most)
        return [each for each in found if isinstance(each, str)]


def projects(rest: str, most: int) -> list[str]:
    """From the events."""
    point = points.read(rest)
    with patience(TOO_SLOW):
        return list(_of_events(point, "project_id", most))


def _of_days(point: Point, most: int) -> Iterator[Any]:
    by, value = point.held[0] if point.held else (ALL, "")
    seen = [seen_key(each, by, value) for each in point.types or (EVERY_TYPE,)]
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


def _of_events(point: Point, field: str, most: int) -> Iterator[Any]:
    found = rollups(EVENTS).aggregate(
        [
            {"$match": {**point.events(), field: {"$type": "string"}}},
            {"$group": {"_id": f"${field}"}},
            {"$sort": {"_id": 1}},
            {"$limit": most},
        ]
    )
    return (row["_id"] for row in found)
