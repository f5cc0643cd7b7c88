"""Windows, weeks and months of active customers made again, from their days as they are stored."""

from datetime import date

import pymongo
from bson import MinKey
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import ACTIVE
from devora_admin.analytics.periods import DAY
from devora_admin.analytics.rollups import difference, people, state
from devora_admin.analytics.rollups.people import user_day_of, user_days
from devora_admin.analytics.rollups.tally import Numbers, Place, Tally
from devora_admin.core import mongo


def rebuild(month: date) -> int:
    """Of one month: the days, weeks and the month that begin in it. Raises Outrun."""
    after = (month + 31 * DAY).replace(day=1)
    with pymongo.timeout(difference.READ_S), mongo.one_moment() as session:
        rebuilds = state.rebuilds(session)
        wanted = Tally()
        _walk(month, after, wanted, session)
        stored = {
            place: {
                path: number
                for path, number in fields.items()
                if month <= _first_day(place, path) < after
            }
            for place, fields in _stored_active(month, session).items()
        }
    missing = Tally()
    for place in {**wanted.active, **stored}:
        old, new = stored.get(place, {}), wanted.active.get(place, {})
        if old != new:
            missing.active[place] = difference.between(old, new)
    if missing.active:
        difference.add(missing, rebuilds)
    return 0


def _first_day(place: Place, path: str) -> date:
    return date.fromisoformat(f"{place[2]}-{path.split('.')[1]}")


def _stored_active(month: date, session: ClientSession) -> dict[Place, Numbers]:
    held = {
        "$or": [
            {"_id.grain": "day", "_id.period": f"{month:%Y-%m}"},
            {"_id.grain": {"$in": ["week", "month"]}, "_id.period": f"{month:%Y}"},
        ]
    }
    return {
        tuple(row["_id"].values()): {
            f"cells.{cell}.{name}": number
            for cell, numbers in row["cells"].items()
            for name, number in numbers.items()
        }
        for row in mongo.database()[ACTIVE].find(held, session=session)
    }


def _walk(month: date, after: date, wanted: Tally, session: ClientSession) -> None:
    """What every customer's days add to the days, weeks and the month that begin in it."""
    days = {
        "$gte": {"day": (month - people.MONTH * DAY).isoformat(), "user_id": MinKey()},
        "$lt": {"day": (after + people.WEEK * DAY).isoformat(), "user_id": MinKey()},
    }
    earlier: dict[tuple[str, str], list[date]] = {}
    found = user_days().find({"_id": days}, {"plans": 1}, session=session).sort("_id", 1)
    for row in found.batch_size(10_000):
        user_id, day = user_day_of(row["_id"])
        for plan in ("", *row["plans"]):
            before = earlier.setdefault((user_id, plan), [])
            people.add_windows(day, before[-1:], plan, wanted, since=month, until=after)
            before[:] = [day]
