"""One day's events compared with what is stored of it, and the difference added."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pymongo
from bson import MaxKey, MinKey
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import CUBE, SERIES, SKETCHES
from devora_admin.analytics.periods import DAY, Cell, begin, day_cell, hour_cell, hour_of
from devora_admin.analytics.rollups import difference, journeys, people, raw, recounting, state
from devora_admin.analytics.rollups.dimensions import ALL, DIMENSIONS
from devora_admin.analytics.rollups.people import UserDay, user_day_of, user_days
from devora_admin.analytics.rollups.tally import Numbers, Place, Tally
from devora_admin.core import mongo

_PEOPLE_AT_ONCE = 100
_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class _Scope:
    """The cells of a day: its own, and those of every hour that has a part in it."""

    day: date
    zone: ZoneInfo
    since: datetime = field(init=False)
    until: datetime = field(init=False)
    hours: set[Cell] = field(init=False)

    def __post_init__(self) -> None:
        self.since = hour_of(begin(self.day, self.zone))
        self.until = hour_of(begin(self.day + DAY, self.zone) - timedelta(microseconds=1)) + _HOUR
        count = (self.until - self.since) // _HOUR
        self.hours = {hour_cell(self.since + each * _HOUR) for each in range(count)}

    def conditions(self) -> Iterator[tuple[str, dict[str, Any], dict[str, int]]]:
        """Collection, condition and projection of what is stored of it, and some of its
        neighbours'."""
        month, day = day_cell(self.day)
        periods = {("day", month), *(("hour", period) for period, _ in self.hours)}
        cells = {day, *(hour for _, hour in self.hours)}
        ranges = [
            _beginning(
                {"grain": grain, "dimension": dimension, "period": period}, "event_type", "value"
            )
            for grain, period in sorted(periods)
            for dimension in (ALL, *DIMENSIONS)
        ]
        for name in (SERIES, SKETCHES):
            yield name, {"$or": ranges}, dict.fromkeys((f"cells.{cell}" for cell in cells), 1)
        yield CUBE, _beginning({"period": month}, "event_type", *DIMENSIONS), {f"cells.{day}": 1}

    def holds(self, name: str, place: Place, cell: str) -> bool:
        if name == CUBE:
            return (place[0], cell) == day_cell(self.day)
        grain, period = place[0], place[2]
        return (period, cell) in ({day_cell(self.day)} if grain == "day" else self.hours)


def _beginning(head: dict[str, Any], *rest: str) -> dict[str, Any]:
    return {
        "_id": {
            "$gte": head | dict.fromkeys(rest, MinKey()),
            "$lte": head | dict.fromkeys(rest, MaxKey()),
        }
    }


def rebuild(day: date, zone: ZoneInfo) -> int:
    """How many events it has. Raises Outrun."""
    scope = _Scope(day, zone)
    with pymongo.timeout(difference.READ_S), mongo.one_moment() as session:
        rebuilds = state.rebuilds(session)
        during = {"timestamp": {"$gte": scope.since, "$lt": scope.until}}
        found = list(raw.counted(during, session))
        wanted = Tally()
        wanted.add(found, zone)
        theirs = _stored_days(day, session)
        people.count_all(theirs, wanted)
        missing = _missing(wanted, _stored(scope, session), scope)
    wanted_days = {each: seen for each, seen in people.days_of(found, zone).items()
                   if each.day == day}  # fmt: skip
    difference.add(missing, rebuilds)
    differing = [
        each
        for each in sorted({**theirs, **wanted_days})
        if theirs.get(each) != wanted_days.get(each)
    ]
    for at in range(0, len(differing), _PEOPLE_AT_ONCE):
        _recount(differing[at : at + _PEOPLE_AT_ONCE])
    # Their days may have been counted before there were journeys.
    strangers = journeys.without({each.user_id for each in wanted_days})
    for at in range(0, len(strangers), _PEOPLE_AT_ONCE):
        _make_journeys(strangers[at : at + _PEOPLE_AT_ONCE])
    return sum(each.facts.at.astimezone(zone).date() == day for each in found)


def _recount(days: Sequence[UserDay]) -> None:
    mongo.run_in_transaction(
        lambda session: recounting.recount(days, session), patience_s=difference.WRITE_S
    )


def _make_journeys(customers: Sequence[str]) -> None:
    mongo.run_in_transaction(
        lambda session: journeys.make(customers, session), patience_s=difference.WRITE_S
    )


def _stored_days(day: date, session: ClientSession) -> dict[UserDay, people.Seen]:
    found = user_days().find(
        _beginning({"day": day.isoformat()}, "user_id"), {"seen": 1}, session=session
    )
    return {user_day_of(row["_id"]): frozenset(row["seen"]) for row in found}


Stored = dict[str, dict[Place, Numbers]]


def _stored(scope: _Scope, session: ClientSession) -> Stored:
    stored: Stored = {}
    for name, condition, shown in scope.conditions():
        documents = stored.setdefault(name, {})
        for row in mongo.database()[name].find(condition, shown, session=session):
            place = tuple(row["_id"].values())
            fields = documents.setdefault(place, {})
            for cell, numbers in (row.get("cells") or {}).items():
                if scope.holds(name, place, cell):
                    fields |= {f"cells.{cell}.{each}": n for each, n in numbers.items()}
    return stored


def _missing(wanted: Tally, stored: Stored, scope: _Scope) -> Tally:
    missing = Tally()
    for name, into, documents in (
        (SERIES, missing.series, wanted.series),
        (SKETCHES, missing.sketches, wanted.sketches),
        (CUBE, missing.cube, wanted.cube),
    ):
        there = stored.get(name, {})
        for place in {**documents, **there}:
            old = there.get(place, {})
            new = {
                path: number
                for path, number in documents.get(place, {}).items()
                if scope.holds(name, place, path.split(".")[1])
            }
            if old != new:
                into[place] = difference.between(old, new)
    return missing
