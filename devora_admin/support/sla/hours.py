"""Business hours: which moments count for what was promised. Pure, and exact to the microsecond.

Shifts are times of a wall clock in one time zone. A clock that is put forward or back makes a
shift shorter or longer, just as it does for the people who work it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES_OF_A_DAY = 24 * 60
_PROBED = timedelta(hours=3)
"""No zone changes its offset twice within so little time."""
_DAY = timedelta(days=1)
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
        day, final = (first + offset).date(), (last + offset).date()
        while day <= final:
            shifts = hours.week.get(day.weekday(), ())
            if shifts and day not in hours.holidays:
                midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - offset
                for shift in sorted(shifts, key=_start_of):
                    opened = max(first, midnight + timedelta(minutes=shift.start))
                    closed = min(last, midnight + timedelta(minutes=shift.end))
                    if opened < closed:
                        yield opened, closed
            day += _DAY


def elapsed_s(hours: Hours, start: datetime, end: datetime, pauses: Iterable[Span] = ()) -> float:
    """Seconds of business hours between two moments, without those of the pauses."""
    gone = timedelta()
    for first, last in running_spans(hours, start, end, pauses):
        gone += last - first
    return gone.total_seconds()


def due_at(
    hours: Hours, start: datetime, target_s: float, pauses: Iterable[Span] = ()
) -> datetime | None:
    """When so many seconds of business hours have gone by; None when five years have too few."""
    left = timedelta(seconds=target_s)
    if target_s <= 0:
        return start
    if not any(hours.week.values()):
        return None
    for first, last in running_spans(hours, start, start + LONGEST, pauses):
        if last - first >= left:
            return first + left
        left -= last - first
    return None


def running_spans(
    hours: Hours, start: datetime, end: datetime, pauses: Iterable[Span] = ()
) -> Iterator[Span]:
    """Business hours without the pauses, in order."""
    waiting = deque(sorted(pauses))
    for opened, closed in open_spans(hours, start, end):
        at = opened
        while waiting and waiting[0][0] < closed:
            first, last = waiting[0]
            if at < first:
                yield at, first
            at = max(at, min(last, closed))
            if last > closed:
                break  # it goes on into the next hours
            waiting.popleft()
        if at < closed:
            yield at, closed


def _start_of(shift: Shift) -> int:
    return shift.start


def _steady(
    zone: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The time between in stretches within which the zone is as far from UTC."""
    first = start
    for year in range(start.year, end.year + 1):
        for change in _changes(zone, year):
            if first < change < end:
                yield first, change, _offset(zone, first)
                first = change
    if first < end:
        yield first, end, _offset(zone, first)


@lru_cache(maxsize=1024)
def _changes(zone: str, year: int) -> tuple[datetime, ...]:
    """When the zone's offset changes within a year of UTC."""
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found = []
    while at < end:
        after = min(at + _PROBED, end)
        if _offset(zone, at) != _offset(zone, after):
            found.append(_change(zone, at, after))
        at = after
    return tuple(found)


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
