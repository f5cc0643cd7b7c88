"""A point of a chart: what was counted there, as the address of the list behind it names it.

    did:types=…&types=…&by=…&value=…&first=…&last=…

with an hour or a number of days up to today in place of first and last, and `by` and `value` as
often as it was held to a value.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlencode

from devora_admin.analytics import periods
from devora_admin.analytics.documents import COUNTED
from devora_admin.analytics.periods import DAY
from devora_admin.analytics.rollups import state
from devora_admin.analytics.rollups.dimensions import DIMENSIONS
from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput

NAME = "did"
TOO_SLOW = "Finding what is behind this point took too long. Choose a shorter time."
_LONGEST = 200
_FINEST = 4096
"""Into how many parts a time is divided for the first look at it."""
_ANY_DAY = date(2100, 1, 1)
"""For the name of the last days, which tells their number alone."""
_NAMELESS = "This address names no point of a chart."
Held = tuple[tuple[str, str], ...]
"""Dimensions and their values."""


@dataclass(frozen=True, slots=True)
class Point:
    first: date
    last: date
    types: tuple[str, ...] = ()
    """Of events; () for any."""
    held: Held = ()
    hour: datetime | None = None
    """In UTC, in place of days."""
    days: int = 0
    """Up to today, whenever that is; 0 for days that were named."""

    @property
    def key(self) -> str:
        ends = f"days={self.days}" if self.days else time(self.first, self.last, self.hour)
        return key(self.types, self.held) + ends

    @property
    def rolling(self) -> "Point | None":
        """The same of as many days up to today; None of an hour."""
        return None if self.hour else replace(self, days=(self.last - self.first).days + 1)

    def counted(self) -> dict[str, Any]:
        """The condition on events that were counted in it, but for their time."""
        match: dict[str, Any] = {f"{COUNTED}.plan": {"$type": "string"}}
        if self.types:
            match["event_type"] = {"$in": list(self.types)}
        return match | {f"{COUNTED}.{by}": value for by, value in self.held}

    def during(self) -> dict[str, Any]:
        since, until = self._bounds()
        return {"timestamp": {"$gte": since, "$lt": until}}

    def bits(self) -> Iterator[dict[str, Any]]:
        """The same in parts, one after the other, each as long as all before it: who needs a few
        of very many events reads about as many, and who needs all of them asks seldom."""
        since, until = self._bounds()
        bounds = [since + (until - since) * part / _FINEST for part in _doubled(_FINEST)]
        for low, high in pairwise(bounds):
            yield {"timestamp": {"$gte": low, "$lt": high}}

    def spans(self) -> Iterator[tuple[date, date]]:
        """First and last days of such parts; of an hour the one day."""
        days = (self.last - self.first).days + 1
        for low, high in pairwise(_doubled(days)):
            yield self.first + low * DAY, self.first + (high - 1) * DAY

    def _bounds(self) -> tuple[datetime, datetime]:
        if self.hour:
            return self.hour, self.hour + timedelta(hours=1)
        zone = state.state().zone
        return periods.begin(self.first, zone), periods.begin(self.last + DAY, zone)


def _doubled(length: int) -> Iterator[int]:
    """0, 1, 2, 4, … and the length itself."""
    yield 0
    at = 1
    while at < length:
        yield at
        at *= 2
    yield length


def key(types: Sequence[str], held: Held) -> str:
    """What a key begins with; the time ends it."""
    what = {"by": [by for by, _ in held], "value": [value for _, value in held]}
    asked = urlencode({"types": types, **what}, doseq=True)
    return f"{NAME}:{asked}{'&' if asked else ''}"


def time(first: date, last: date, hour: datetime | None = None) -> str:
    if hour:
        return urlencode({"hour": f"{hour:%Y-%m-%dT%H}"})
    return f"first={first.isoformat()}&last={last.isoformat()}"


def label(rest: str) -> str:
    """Of the last days it reads nothing: a page names many."""
    point = _read(rest, lambda: _ANY_DAY)
    what = " or ".join(each.replace("_", " ") for each in point.types) or "anything"
    for by, value in point.held:
        what += f", {by.replace('_', ' ')} {value}"
    return f"{what}, {_when(point)}"


def _when(point: Point) -> str:
    if point.hour:
        local = point.hour.astimezone(state.state().zone)
        return f"{local.day} {local:%b %Y, %H:%M}"
    if point.days:
        return "today" if point.days == 1 else f"the last {point.days} days"
    first, last = (f"{day.day} {day:%b %Y}" for day in (point.first, point.last))
    return first if first == last else f"{first} to {last}"


def read(rest: str) -> Point:
    """Raises InvalidInput."""
    return _read(rest, lambda: clock.now().astimezone(state.state().zone).date())


def _read(rest: str, today: Callable[[], date]) -> Point:
    try:
        given = parse_qs(rest, strict_parsing=True)
        types = tuple(given.pop("types", ()))
        held = tuple(zip(given.pop("by", ()), given.pop("value", ()), strict=True))
        told = {name: values[-1] for name, values in given.items()}
        hour = datetime.fromisoformat(f"{told.pop('hour')}:00+00:00") if "hour" in told else None
        days = int(told.pop("days")) if "days" in told else 0
        if days:
            last = today()
            told |= {"first": str(last - (days - 1) * DAY), "last": str(last)}
        first = date.fromisoformat(told.pop("first")) if hour is None else hour.date()
        last = date.fromisoformat(told.pop("last")) if hour is None else first
    except (ValueError, KeyError, OverflowError) as error:
        raise InvalidInput(_NAMELESS, field="group") from error
    names = [by for by, _ in held]
    is_known = not told and set(names) <= set(DIMENSIONS) and len(set(names)) == len(names)
    texts = (*types, *(value for _, value in held))
    if not is_known or len(types) > 10 or any(len(each) > _LONGEST for each in texts):
        raise InvalidInput(_NAMELESS, field="group")
    periods.checked(periods.Span(first, last), "day")
    return Point(first, last, types, held, hour, days)
