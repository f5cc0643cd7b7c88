"""Who was active on which day, and from it how many customers there are, each counted once.

A day of a customer holds what it was first seen with: a type of event with a value of a dimension.
Whoever is new in one of these adds one customer to its cell; and a new day adds the customer to
those windows of 7 and 30 days, that week and that month which no other day of theirs has them in.
"""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pymongo import DeleteOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as Documents

from devora_admin.analytics.documents import USER_DAYS
from devora_admin.analytics.periods import DAY, Grain, active_cell, monday_of
from devora_admin.analytics.rollups import journeys
from devora_admin.analytics.rollups.dimensions import ALL, DIMENSIONS, EVERY_TYPE, PLAN
from devora_admin.analytics.rollups.journeys import DayOf
from devora_admin.analytics.rollups.tally import Counted, Tally
from devora_admin.core import mongo

_LETTERS = {ALL: "a", PLAN: "p", **dict(zip(DIMENSIONS[1:], "tm", strict=True))}
_DIMENSION_OF = {letter: dimension for dimension, letter in _LETTERS.items()}
_BETWEEN = "\x1f"
WEEK, MONTH = 7, 30
_FAR = 31
"""Days around one that matter to the windows, week and month it is in."""


class UserDay(NamedTuple):
    user_id: str
    day: date


Seen = frozenset[str]
Days = Mapping[UserDay, Seen]
_NOTHING: Seen = frozenset()


def user_days() -> Documents[dict[str, Any]]:
    return mongo.database()[USER_DAYS]


def seen_key(event_type: str, dimension: str = ALL, value: str = "") -> str:
    """As it stands in `seen`. event_type: "" for any."""
    return f"{_LETTERS[dimension]}{value}{_BETWEEN}{event_type}"


def _parts(key: str) -> tuple[str, str, str]:
    value, _, event_type = key[1:].partition(_BETWEEN)
    return event_type, _DIMENSION_OF[key[0]], value


def days_of(events: Iterable[Counted], zone: ZoneInfo) -> dict[UserDay, Seen]:
    """What these events alone show of each customer's days."""
    found: dict[UserDay, set[str]] = {}
    for facts, event_type, of in events:
        if facts.user_id:
            user_day = UserDay(facts.user_id, facts.at.astimezone(zone).date())
            keys = found.setdefault(user_day, set())
            for dimension, value in of.pairs():
                keys.add(seen_key(event_type, dimension, value))
                keys.add(seen_key(EVERY_TYPE, dimension, value))
    return {user_day: frozenset(keys) for user_day, keys in found.items()}


def stored(user_days_: Iterable[UserDay], session: ClientSession) -> dict[UserDay, Seen]:
    keys = [_id_of(each) for each in user_days_]
    found = user_days().find(
        {"_id": {"$in": keys}}, {"seen": 1}, session=session, batch_size=len(keys) + 1
    )
    return {user_day_of(row["_id"]): frozenset(row["seen"]) for row in found}


def write(before: Days, after: Days, tally: Tally, session: ClientSession) -> None:
    """Makes the days what they are `after`; the tally gets what changes in numbers."""
    writes: list[UpdateOne | DeleteOne] = []
    came: dict[tuple[str, str], list[date]] = {}
    went: dict[tuple[str, str], list[date]] = {}
    for user_day in {**before, **after}:
        old, new = before.get(user_day, _NOTHING), after.get(user_day, _NOTHING)
        if old == new:
            continue
        _count(user_day.day, new - old, 1, tally)
        _count(user_day.day, old - new, -1, tally)
        writes.append(_write(user_day, new))
        _moved(user_day, plans_of(old), plans_of(new), came)
        _moved(user_day, plans_of(new), plans_of(old), went)
    if not writes:
        return
    others = _others(came, went, session)
    for changed, sign in ((went, -1), (came, 1)):
        for (user_id, plan), days in changed.items():
            _windows(days, list(others.get((user_id, plan), ())), plan, sign, tally)
    user_days().bulk_write(writes, ordered=False, session=session)
    journeys.follow(_changes(before, after), session)


def _changes(before: Days, after: Days) -> Iterator[DayOf]:
    for user_day in {**before, **after}:
        yield DayOf(*user_day, before.get(user_day, _NOTHING), after.get(user_day, _NOTHING))


def plans_of(seen: Seen) -> set[str]:
    """ "" among them, for any."""
    if not seen:
        return set()
    ending, letter = f"{_BETWEEN}{EVERY_TYPE}", _LETTERS[PLAN]
    return {"", *(key[1:-1] for key in seen if key[0] == letter and key.endswith(ending))}


def _count(day: date, keys: Collection[str], sign: int, tally: Tally) -> None:
    for key in keys:
        tally.add_customer(day, *_parts(key), sign)


def _id_of(user_day: UserDay) -> dict[str, str]:
    return {"day": user_day.day.isoformat(), "user_id": user_day.user_id}


def user_day_of(key: Mapping[str, str]) -> UserDay:
    return UserDay(key["user_id"], date.fromisoformat(key["day"]))


def _write(user_day: UserDay, seen: Seen) -> UpdateOne | DeleteOne:
    key = {"_id": _id_of(user_day)}
    if not seen:
        return DeleteOne(key)
    return UpdateOne(key, {"$set": _held(seen)}, upsert=True)


def _held(seen: Seen) -> dict[str, list[str]]:
    return {"seen": sorted(seen), "plans": sorted(plans_of(seen) - {""})}


def document(user_day: UserDay, seen: Seen) -> dict[str, Any]:
    """As it is stored."""
    return {"_id": _id_of(user_day), **_held(seen)}


def _moved(
    user_day: UserDay, without: set[str], having: set[str],
    into: dict[tuple[str, str], list[date]],
) -> None:  # fmt: skip
    for plan in having - without:
        into.setdefault((user_day.user_id, plan), []).append(user_day.day)


def _others(
    came: Mapping[tuple[str, str], list[date]],
    went: Mapping[tuple[str, str], list[date]],
    session: ClientSession,
) -> dict[tuple[str, str], list[date]]:
    """By customer and plan, "" for any: the days around that stay as they are; in order."""
    changed = [day for days in (*came.values(), *went.values()) for day in days]
    if not changed:
        return {}
    people = sorted({user_id for user_id, _ in (*came, *went)})
    around = {
        "$gte": (min(changed) - _FAR * DAY).isoformat(),
        "$lte": (max(changed) + _FAR * DAY).isoformat(),
    }
    condition = {"_id.user_id": {"$in": people}, "_id.day": around}
    found: dict[tuple[str, str], list[date]] = {}
    for row in user_days().find(condition, {"plans": 1}, session=session, batch_size=10_000):
        user_id, day = user_day_of(row["_id"])
        for plan in ("", *row["plans"]):
            if day not in came.get((user_id, plan), ()) and day not in went.get(
                (user_id, plan), ()
            ):
                insort(found.setdefault((user_id, plan), []), day)
    return found


def count_all(days: Days, tally: Tally) -> None:
    for user_day, seen in days.items():
        _count(user_day.day, seen, 1, tally)


def add_windows(
    day: date, others: list[date], plan: str, tally: Tally, *, since: date, until: date
) -> None:
    """As far as they begin between these days."""
    for grain, first, name in entered(day, others):
        if since <= first < until:
            tally.add_active(grain, plan, *active_cell(first, grain), {name: 1})


def _windows(
    changed: Iterable[date], others: list[date], plan: str, sign: int, tally: Tally
) -> None:
    """What these days have the customer in beside the others, one after the other."""
    for day in changed:
        for grain, first, name in entered(day, others):
            period, cell = active_cell(first, grain)
            tally.add_active(grain, plan, period, cell, {name: sign})
        insort(others, day)


def entered(day: date, others: list[date]) -> Iterator[tuple[Grain, date, str]]:
    """What this day alone has a customer in, of whom the others are the days around, in order:
    grain, first day and name of each."""
    at = bisect_left(others, day)
    earlier = others[at - 1] if at else None
    later = others[at] if at < len(others) else None
    if later == day:
        return
    yield "day", day, "dau"
    for length, name in ((WEEK, "wau"), (MONTH, "mau")):
        first = day if earlier is None else max(day, earlier + length * DAY)
        last = day + (length - 1) * DAY
        if later is not None:
            last = min(last, later - DAY)
        for each in range((last - first).days + 1):
            yield "day", first + each * DAY, name
    near = [other for other in (earlier, later) if other is not None]
    if monday_of(day) not in map(monday_of, near):
        yield "week", monday_of(day), "n"
    if day.replace(day=1) not in (other.replace(day=1) for other in near):
        yield "month", day.replace(day=1), "n"
