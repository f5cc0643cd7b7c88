"""Business hours: which moments count for what was promised. Pure, and exact to the second.

Shifts are times of a wall clock in one time zone. A clock that is put forward or back makes a
shift shorter or longer, just as it does for the people who work it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES_OF_A_DAY = 24 * 60
_PROBED = timedelta(hours=3)
"""No zone changes its offset twice within so little time."""
_AT_ONCE = timedelta(days=7)
LONGEST = timedelta(days=366 * 5)
"""What is not due within this is taken for never."""

Span = tuple[datetime, datetime]
"""From a moment to before another, both UTC."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Minutes of a day by the wall clock: `start` to before `end`, up to 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_OF_A_DAY:
            raise ValueError("A shift ends after it starts, within one day.")


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody is there."""

    zone: str
    """An IANA name."""
    week: Mapping[int, tuple[Shift, ...]]
    """Shifts by weekday, Monday is 0; several of a day must not overlap."""
    holidays: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def always(cls) -> "Hours":
        return cls("UTC", {day: (Shift(0, MINUTES_OF_A_DAY),) for day in range(7)})


def open_spans(hours: Hours, start: datetime, end: datetime) -> Iterator[Span]:
    """When there are business hours between two moments, in order; neighbours may touch."""
    for first, last, offset in _steady(hours.zone, start, end):
        day = (first + offset).date()
        while day <= (last + offset).date():
            if day not in hours.holidays:
                midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - offset
                for shift in sorted(hours.week.get(day.weekday(), ()), key=lambda each: each.start):
                    opened = max(first, midnight + timedelta(minutes=shift.start))
                    closed = min(last, midnight + timedelta(minutes=shift.end))
                    if opened < closed:
                        yield opened, closed
            day += timedelta(days=1)


def elapsed_s(hours: Hours, start: datetime, end: datetime, pauses: tuple[Span, ...] = ()) -> float:
    """Seconds of business hours between two moments, without those of the pauses."""
    return sum(
        (last - first).total_seconds()
        for opened in open_spans(hours, start, end)
        for first, last in _without(opened, pauses)
    )


def due_at(
    hours: Hours, start: datetime, target_s: float, pauses: tuple[Span, ...] = ()
) -> datetime | None:
    """When so many seconds of business hours have gone by; None when five years have too few."""
    left, at = target_s, start
    if left <= 0:
        return start
    while at < start + LONGEST:
        until = min(at + _AT_ONCE, start + LONGEST)
        for opened in open_spans(hours, at, until):
            for first, last in _without(opened, pauses):
                length = (last - first).total_seconds()
                if length >= left:
                    return first + timedelta(seconds=left)
                left -= length
        at = until
    return None


def _without(span: Span, pauses: tuple[Span, ...]) -> Iterator[Span]:
    at, end = span
    for first, last in sorted(pauses):
        if last <= at or first >= end:
            continue
        if first > at:
            yield at, first
        at = max(at, last)
    if at < end:
        yield at, end


def _steady(
    zone: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The time between in stretches within which the zone is as far from UTC."""
    first, at = start, start
    while at < end:
        after = min(at + _PROBED, end)
        if _offset(zone, at) != _offset(zone, after):
            change = _change(zone, at, after)
            yield first, change, _offset(zone, first)
            first = change
        at = after
    if first < end:
        yield first, end, _offset(zone, first)


def _change(zone: str, before: datetime, after: datetime) -> datetime:
    """The first whole second with the offset that holds `after`."""
    known = _offset(zone, before)
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, datetime.fromtimestamp(middle, UTC)) == known:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(_zone(zone)).utcoffset() or timedelta()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
