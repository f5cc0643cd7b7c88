"""Makes the rollups of days again from the events, while events go on being counted.

Of one moment, what is stored is compared with what the events of then add up to, and the difference
is added. As counting adds as well, it does not matter what of it came meanwhile; only rebuilds of
the same day must not run side by side, and the second of them begins anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from pymongo.errors import PyMongoError

from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.periods import DAY, Span, monday_of
from devora_admin.analytics.rollups import (
    facts,
    people,
    raw,
    rebuilding_active,
    rebuilding_day,
    state,
)
from devora_admin.analytics.rollups.difference import Outrun
from devora_admin.analytics.rollups.people import user_day_of, user_days
from devora_admin.analytics.rollups.state import State
from devora_admin.core import mongo
from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import LENIENT

T = TypeVar("T")
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Rebuilt:
    day: date
    events: int
    done: int
    """Days, this one among them."""
    days: int


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
        events = _in_tries(partial(rebuilding_day.rebuild, day, zone))
        _in_tries(partial(state.note_rebuild, span, day, is_whole=is_whole))
        yield Rebuilt(day, events, number, span.days)
    month = monday_of(span.first).replace(day=1)
    while month <= span.last + people.MONTH * DAY:
        _in_tries(partial(rebuilding_active.rebuild, month))
        month = (month + 31 * DAY).replace(day=1)


def _in_tries(work: Callable[[], T]) -> T:
    """What was done already is no difference any more, so it may begin anew at any point."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except Outrun:
            continue
        except PyMongoError as error:
            if not error.timeout:  # a store that is slow for a moment ends no work of hours
                raise
    return work()
