"""How far customers come, and whether they stay: of each when every step was first taken, and in
which weeks and months they were active; of all, by the day, week and month they signed up, how
many.

What a customer adds to the sums follows from their own document alone, so a change of it is the
difference of the two, whatever order events come in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pymongo import DeleteOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.analytics.documents import COHORTS, JOURNEYS, USER_DAYS
from devora_admin.analytics.periods import DAY, monday_of
from devora_admin.core import mongo

SIGNUP = "signup"
STEPS = (SIGNUP, "project_created", "generation_completed", "deploy")
"""From the first to the last."""
MOST_WEEKS = 52
_ANY = "a\x1f"
"""With a type behind it: as `seen` holds that the customer did it at all, see rollups.people."""
Sums = Counter[tuple[str, str, str]]
"""By grain, first day and field."""


class DayOf(NamedTuple):
    user_id: str
    day: date
    before: frozenset[str]
    after: frozenset[str]
    """What is `seen` of it; nothing where the day is none."""


@dataclass(slots=True)
class Journey:
    steps: dict[str, date]
    weeks: set[date]
    """Mondays."""
    months: set[date]

    def add(self, day: date, seen: Iterable[str]) -> None:
        taken = set(seen)
        for step in STEPS:
            if f"{_ANY}{step}" in taken:
                self.steps[step] = min(day, self.steps.get(step, day))
        self.weeks.add(monday_of(day))
        self.months.add(day.replace(day=1))

    def sums(self) -> Sums:
        return Counter(self._sums())

    def _sums(self) -> Iterator[tuple[str, str, str]]:
        for month in self.months:
            if (month - DAY).replace(day=1) in self.months:
                yield "month", month.isoformat(), "kept"
        if signed_up := self.steps.get(SIGNUP):
            for step in self.steps:
                yield "day", signed_up.isoformat(), step
            first = monday_of(signed_up)
            for week in self.weeks:
                if 0 <= (at := (week - first).days // 7) <= MOST_WEEKS:
                    yield "week", first.isoformat(), f"w{at}"


def follow(changes: Iterable[DayOf], session: ClientSession) -> None:
    """Brings journeys and sums up to what the customers' days are now."""
    telling = [each for each in changes if _tells(each)]
    if not telling:
        return
    people = {each.user_id for each in telling}
    before = _stored(people, session)
    lost = {each.user_id for each in telling if not _is_more(each)}
    after = {key: _copy(journey) for key, journey in before.items() if key not in lost}
    # Who has no journey may have days that were counted before there were any.
    after |= _from_days(lost | people - before.keys(), session)
    for each in telling:
        if each.user_id not in lost:
            journey = after.setdefault(each.user_id, Journey({}, set(), set()))
            journey.add(each.day, each.after)
    _write(people, before, after, session)


def without(people: Iterable[str]) -> list[str]:
    """Those who have no journey."""
    wanted = sorted(people)
    found = _journeys().find({"_id": {"$in": wanted}}, {"_id": 1}, batch_size=len(wanted) + 1)
    return sorted(set(wanted) - {row["_id"] for row in found})


def make(people: Iterable[str], session: ClientSession) -> None:
    """The journeys of those who have none, from their days."""
    missing = set(people)
    missing -= _stored(missing, session).keys()
    _write(missing, {}, _from_days(missing, session), session)


def _tells(change: DayOf) -> bool:
    """Whether it is a new day, one less, or one with another step taken."""
    if bool(change.before) != bool(change.after):
        return True
    return any((f"{_ANY}{step}" in change.before) != (f"{_ANY}{step}" in change.after)
               for step in STEPS)  # fmt: skip


def _is_more(change: DayOf) -> bool:
    return all(key in change.after for key in change.before if key.startswith(_ANY))


def _journeys() -> Collection[dict[str, Any]]:
    return mongo.database()[JOURNEYS]


def _stored(people: set[str], session: ClientSession) -> dict[str, Journey]:
    found = _journeys().find({"_id": {"$in": sorted(people)}}, session=session)
    return {row["_id"]: _journey(row) for row in found}


def _from_days(people: set[str], session: ClientSession) -> dict[str, Journey]:
    """Made anew from all their days."""
    found: dict[str, Journey] = {}
    if people:
        days = mongo.database()[USER_DAYS].find(
            {"_id.user_id": {"$in": sorted(people)}}, {"seen": 1}, session=session
        )
        for row in days:
            journey = found.setdefault(row["_id"]["user_id"], Journey({}, set(), set()))
            journey.add(date.fromisoformat(row["_id"]["day"]), row["seen"])
    return found


def _journey(row: dict[str, Any]) -> Journey:
    steps = {name: date.fromisoformat(day) for name, day in row["steps"].items()}
    weeks, months = (set(map(date.fromisoformat, row[name])) for name in ("weeks", "months"))
    return Journey(steps, weeks, months)


def _copy(journey: Journey) -> Journey:
    return Journey(dict(journey.steps), set(journey.weeks), set(journey.months))


def _write(
    people: set[str],
    before: dict[str, Journey],
    after: dict[str, Journey],
    session: ClientSession,
) -> None:
    changed: Sums = Counter()
    writes: list[UpdateOne | DeleteOne] = []
    for key in sorted(people):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        changed.update(new.sums() if new else {})
        changed.subtract(old.sums() if old else {})
        writes.append(_one(key, new))
    if writes:
        _journeys().bulk_write(writes, ordered=False, session=session)
    by_document: dict[tuple[str, str], dict[str, int]] = {}
    for (grain, first, name), by in changed.items():
        if by:
            by_document.setdefault((grain, first), {})[name] = by
    if by_document:
        sums = [
            UpdateOne({"_id": {"grain": grain, "first": first}}, {"$inc": grown}, upsert=True)
            for (grain, first), grown in by_document.items()
        ]
        mongo.database()[COHORTS].bulk_write(sums, ordered=False, session=session)


def _one(key: str, journey: Journey | None) -> UpdateOne | DeleteOne:
    if journey is None:
        return DeleteOne({"_id": key})
    held = {
        "steps": {name: day.isoformat() for name, day in journey.steps.items()},
        "weeks": sorted(day.isoformat() for day in journey.weeks),
        "months": sorted(day.isoformat() for day in journey.months),
    }
    return UpdateOne({"_id": key}, {"$set": held}, upsert=True)
