"""The times a rule looks at, each whole, and which earlier ones each is compared with."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from devora_admin.analytics.alerts.rule import Lasting
from devora_admin.analytics.periods import DAY, Span, begin, hour_of, monday_of

HOUR = timedelta(hours=1)
_A_MOMENT = timedelta(microseconds=1)
HOURLY = ("hour", "hours", "so_far")


class Window(NamedTuple):
    """In UTC; `until` is not in it."""

    since: datetime
    until: datetime

    def span(self, zone: ZoneInfo) -> Span:
        last = (self.until - _A_MOMENT).astimezone(zone).date()
        return Span(self.since.astimezone(zone).date(), last)


def ending(lasting: Lasting, after: datetime, until: datetime, zone: ZoneInfo) -> list[Window]:
    """Those that end after the one and not after the other, the earliest first."""
    if lasting in HOURLY:
        first = hour_of(after) + HOUR
        count = max(0, (until - first) // HOUR + 1)
        ends = (first + HOUR * each for each in range(count))
        return [_of_hours(lasting, end, _day_before(end, zone), zone) for end in ends]
    step = 7 if lasting == "week" else 1
    day = after.astimezone(zone).date() - (step + 1) * DAY
    day = monday_of(day) if lasting == "week" else day
    found = []
    while (window := _of_days(day, step, zone)).until <= until:
        if window.until > after:
            found.append(window)
        day += step * DAY
    return found


def before(window: Window, lasting: Lasting, weeks: int, zone: ZoneInfo) -> Window:
    """The one of the same time of the clock, so many weeks earlier."""
    back = 7 * weeks * DAY
    if lasting not in HOURLY:
        first = window.since.astimezone(zone).date()
        return _of_days(first - back, 7 if lasting == "week" else 1, zone)
    local = window.until.astimezone(zone).replace(tzinfo=None)
    end = hour_of((local - back).replace(tzinfo=zone).astimezone(UTC))
    return _of_hours(lasting, end, _day_before(window.until, zone) - back, zone)


def _day_before(moment: datetime, zone: ZoneInfo) -> date:
    """Midnight is the end of a day here."""
    return (moment - _A_MOMENT).astimezone(zone).date()


def _of_hours(lasting: Lasting, end: datetime, day: date, zone: ZoneInfo) -> Window:
    if lasting == "so_far":
        return Window(min(begin(day, zone), end), end)
    return Window(end - HOUR * (24 if lasting == "hours" else 1), end)


def _of_days(first: date, days: int, zone: ZoneInfo) -> Window:
    return Window(begin(first, zone), begin(first + days * DAY, zone))
