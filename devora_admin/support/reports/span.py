"""The days a report is about, and those before them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from devora_admin.shell.listing.forms import midnight

MOST_DAYS = 366
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of the reader's time zone, both included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """The moment after it."""
        return midnight(self.last + _DAY)

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def earlier(self) -> "Span":
        """As many days right before."""
        return Span(self.first - timedelta(days=self.length), self.first - _DAY)

    def days(self) -> Iterator[date]:
        return (self.first + timedelta(days=at) for at in range(self.length))

    def bounds(self) -> list[datetime]:
        """When each day begins, and when the last one ends. A day need not have 24 hours."""
        return [*map(midnight, self.days()), self.end]


def until(last: date, *, days: int) -> Span:
    return Span(last - timedelta(days=days - 1), last)
