"""Days and hours, and where their numbers lie.

Days are those of the time zone, whatever its offset and however long they are; hours are UTC's. A
cell is one of either: ("2026-11", "28") of a day, ("2026-11-28", "17") of an hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from devora_admin.core.errors import InvalidInput

Grain = Literal["hour", "day", "week", "month"]
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month")
Cell = tuple[str, str]
"""Period and key."""

FIRST_DAY = date(2015, 1, 1)
"""Events of before are no events."""
MOST_DAYS: dict[Grain, int] = {"hour": 92, "day": 1100, "week": 3660, "month": 3660}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days of the time zone, both inclusive."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + each * DAY for each in range(self.days))

    def before(self) -> "Span | None":
        """As many days, just before; None where these begin before there are events."""
        first = self.first - self.days * DAY
        return Span(first, self.first - DAY) if first >= FIRST_DAY else None


def checked(span: Span, grain: Grain) -> Span:
    """Raises InvalidInput for a range that is none, or too long for points of that size."""
    if span.last < span.first:
        raise InvalidInput("The range ends before it begins.", field="to")
    if not FIRST_DAY <= span.first <= span.last < date(2200, 1, 1):
        raise InvalidInput(f"Choose days from {FIRST_DAY:%Y} to 2199.", field="from")
    if span.days > MOST_DAYS[grain]:
        larger = {"hour": " Choose days for more.", "day": " Choose weeks for more."}.get(grain, "")
        raise InvalidInput(
            f"Choose {MOST_DAYS[grain]:,} days at most with a point for each {grain}.{larger}",
            field="grain",
        )
    return span


@lru_cache(maxsize=4096)
def begin(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day, which need not be midnight; in UTC."""
    moment = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    # Where clocks go forward at midnight, the time that was asked for is of the day before.
    while moment.astimezone(zone).date() < day:
        moment += timedelta(minutes=15)
    return moment


def hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_cell(day: date) -> Cell:
    text = day.isoformat()
    return text[:7], text[8:]


def active_cell(first: date, grain: Grain) -> Cell:
    """Of days by month; of weeks and months, named by their first days, by year."""
    if grain == "day":
        return day_cell(first)
    text = first.isoformat()
    return text[:4], text[5:]


def hour_cell(hour: datetime) -> Cell:
    return f"{hour:%Y-%m-%d}", f"{hour:%H}"


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY


def column_of(day: date, grain: Grain) -> date:
    """The day with which the day, week or month begins."""
    if grain == "week":
        return monday_of(day)
    return day.replace(day=1) if grain == "month" else day


def last_of(first: date, grain: Grain) -> date:
    """The last day of what begins then."""
    if grain == "week":
        return first + 6 * DAY
    return (first + 31 * DAY).replace(day=1) - DAY if grain == "month" else first


def hours(span: Span, zone: ZoneInfo) -> list[datetime]:
    """The hours that begin within these days, in UTC."""
    since, until = begin(span.first, zone), begin(span.last + DAY, zone)
    first = hour_of(since + timedelta(hours=1) - timedelta(microseconds=1))
    count = max(0, -(-(until - first) // timedelta(hours=1)))
    return [first + each * timedelta(hours=1) for each in range(count)]
