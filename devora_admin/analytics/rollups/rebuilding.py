"""Makes the rollups of days again from the events, while events go on being counted.

Of one moment, what is stored is compared with what the events of then add up to, and the difference
is added. As counting adds as well, it does not matter what of it came meanwhile; only rebuilds of
the same day must not run side by side, and the second of them begins anew.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pymongo
from bson import MaxKey, MinKey
from django.conf import settings
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import ACTIVE, CUBE, EVENTS, SERIES, SKETCHES
from devora_admin.analytics.periods import (
    DAY,
    Cell,
    Span,
    begin,
    day_cell,
    hour_cell,
    hour_of,
    monday_of,
)
from devora_admin.analytics.rollups import facts, journeys, people, raw, recounting, state
from devora_admin.analytics.rollups.dimensions import ALL, DIMENSIONS
from devora_admin.analytics.rollups.people import UserDay, user_day_of, user_days
from devora_admin.analytics.rollups.state import State
from devora_admin.analytics.rollups.tally import Numbers, Place, Tally
from devora_admin.core import mongo
from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import LENIENT

_PATIENCE_S = 240.0
"""Less than the five minutes for which MongoDB remembers a moment."""
_WRITE_S = 60.0
_TRIES = 5
_PEOPLE_AT_ONCE = 100
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    day: date
    events: int
    done: int
    """Days, this one among them."""
    days: int


class Outrun(Exception):
    """Another rebuild wrote meanwhile."""


def span_of_all() -> Span | None:
    """From the first to the last day there is anything of; None where there is nothing."""
    zone = ZoneInfo(settings.TIME_ZONE)
    events = mongo.database().get_collection(EVENTS, codec_options=LENIENT)
    dated = {"timestamp": {"$type": "date", "$gte": facts.EARLIEST}, **raw.IS_COUNTED}
    found: set[date] = set()
    for sign in (1, -1):
        for row in events.find(dated, {"timestamp": 1}).sort("timestamp", sign).limit(1):
            found.add(row["timestamp"].astimezone(zone).date())
        for row in user_days().find({}, {"_id": 1}).sort("_id", sign).limit(1):
            found.add(user_day_of(row["_id"]).day)
    # The days of another time zone reach over the ends.
    return Span(min(found) - DAY, max(found) + DAY) if found else None


def rebuild(first: date | None = None, last: date | None = None) -> Iterator[Rebuilt]:
    """Day by day, from where one of the same days broke off. Without either bound: everything.

    Raises InvalidInput for a range that is none, and for a part of the days when the time zone is
    another one now or a rebuild of all of them is not done.
    """
    now, is_whole = state.state(), not (first or last)
    whole = span_of_all()
    if not is_whole:
        _refuse_part(now)
    if whole is None:
        state.nothing_to_rebuild()
        return
    span = Span(first or whole.first, last or whole.last)
    if span.last < span.first:
        raise InvalidInput("The range ends before it begins.")
    found = None if now.needs_rebuild else now.rebuild
    after = None
    if found and found.is_whole and is_whole:
        span = Span(min(found.first, span.first), max(found.last, span.last))
        after = found.day
    elif found and not (found.is_whole or is_whole) and Span(found.first, found.last) == span:
        after = found.day
    state.begin_rebuild(span, after or span.first - DAY, is_whole=is_whole)
    yield from _days(span, after=after, is_whole=is_whole)
    state.end_rebuild(span, is_whole=is_whole)


def _refuse_part(now: State) -> None:
    if now.needs_rebuild:
        raise InvalidInput(
            f"The days are those of {now.zone_name}, and are to be those of "
            f"{settings.TIME_ZONE}: rebuild all of them, without --from and --to."
        )
    if now.rebuild and now.rebuild.is_whole:
        raise InvalidInput(
            f"A rebuild of all days got as far as {now.rebuild.day}: let it end, or finish it "
            "without --from and --to."
        )


def _days(span: Span, *, after: date | None, is_whole: bool) -> Iterator[Rebuilt]:
    zone = ZoneInfo(settings.TIME_ZONE)
    for number, day in enumerate(span, 1):
        if after and day <= after:
            continue
        events = _in_tries(partial(_rebuild_day, day, zone))
        state.note_rebuild(span, day, is_whole=is_whole)
        yield Rebuilt(day, events, number, span.days)
    month = monday_of(span.first).replace(day=1)
    while month <= span.last + people.MONTH * DAY:
        _in_tries(partial(_rebuild_active, month))
        month = (month + 31 * DAY).replace(day=1)


def _in_tries(work: Callable[[], int]) -> int:
    for _ in range(_TRIES - 1):
        try:
            return work()
        except Outrun:
            continue
    return work()


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


def _rebuild_day(day: date, zone: ZoneInfo) -> int:
    scope = _Scope(day, zone)
    with pymongo.timeout(_PATIENCE_S), mongo.one_moment() as session:
        rebuilds = state.rebuilds(session)
        during = {"timestamp": {"$gte": scope.since, "$lt": scope.until}}
        found = list(raw.counted(during, session))
        wanted = Tally()
        wanted.add(found, zone)
        theirs = _stored_days(day, session)
        people.count_all(theirs, wanted)
        difference = _difference(wanted, _stored(scope, session), scope)
    wanted_days = {each: seen for each, seen in people.days_of(found, zone).items()
                   if each.day == day}  # fmt: skip
    _add(difference, rebuilds)
    differing = [
        each
        for each in sorted({**theirs, **wanted_days})
        if theirs.get(each) != wanted_days.get(each)
    ]
    for at in range(0, len(differing), _PEOPLE_AT_ONCE):
        _recount(differing[at : at + _PEOPLE_AT_ONCE])
    # Their days may have been counted before there were journeys.
    missing = journeys.without({each.user_id for each in wanted_days})
    for at in range(0, len(missing), _PEOPLE_AT_ONCE):
        _make_journeys(missing[at : at + _PEOPLE_AT_ONCE])
    return sum(each.facts.at.astimezone(zone).date() == day for each in found)


def _recount(days: Sequence[UserDay]) -> None:
    mongo.run_in_transaction(lambda session: recounting.recount(days, session), patience_s=_WRITE_S)


def _make_journeys(customers: Sequence[str]) -> None:
    mongo.run_in_transaction(lambda session: journeys.make(customers, session), patience_s=_WRITE_S)


def _add(difference: Tally, rebuilds: int) -> None:
    def work(session: ClientSession) -> None:
        if not state.rebuilt(rebuilds, session):
            raise Outrun
        difference.write(session)
        difference.tidy(session)

    mongo.run_in_transaction(work, patience_s=_WRITE_S)


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


def _difference(wanted: Tally, stored: Stored, scope: _Scope) -> Tally:
    difference = Tally()
    for name, into, documents in (
        (SERIES, difference.series, wanted.series),
        (SKETCHES, difference.sketches, wanted.sketches),
        (CUBE, difference.cube, wanted.cube),
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
                into[place] = {
                    path: new.get(path, 0) - old.get(path, 0)
                    for path in {**old, **new}
                    if path not in new or new[path] != old.get(path)
                }
    return difference


def _rebuild_active(month: date) -> int:
    """Windows, weeks and the month itself, from the days of customers as they are stored."""
    after = (month + 31 * DAY).replace(day=1)
    with pymongo.timeout(_PATIENCE_S), mongo.one_moment() as session:
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
    difference = Tally()
    for place in {**wanted.active, **stored}:
        old, new = stored.get(place, {}), wanted.active.get(place, {})
        if old != new:
            difference.active[place] = {
                path: new.get(path, 0) - old.get(path, 0)
                for path in {**old, **new}
                if new.get(path) != old.get(path)
            }
    if difference.active:
        _add(difference, rebuilds)
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
