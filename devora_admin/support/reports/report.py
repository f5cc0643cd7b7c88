"""A report: what a time's issues came to, beside the time before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from devora_admin.core import clock
from devora_admin.support.queries.happened import About
from devora_admin.support.reports import gathering
from devora_admin.support.reports.facts import By, Facts
from devora_admin.support.reports.figures import Figures, figures
from devora_admin.support.reports.gathering import Gathered
from devora_admin.support.reports.span import Span
from devora_admin.support.reports.tables import MOST_ROWS, Order, Row, table

TABLES: tuple[By, ...] = ("who", "tag", "type")
EVERY_ROW = 1_000_000


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    opened: int
    resolved: int
    backlog: int | None
    """Open issues at the end of the day; None while that is to come."""


@dataclass(frozen=True, slots=True)
class Report:
    span: Span
    now: Figures
    before: Figures
    backlog: int
    backlog_before: int
    days: list[Day]
    tables: dict[By, list[Row]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened, now or before."""
        return not any(
            each.opened
            or each.resolved
            or each.late_first
            or each.late_resolution
            or each.answered.whole
            for each in (self.now, self.before)
        )


def report(
    span: Span,
    about: About,
    *,
    order: Order | None = None,
    names: Mapping[str, str] | None = None,
    most: int = MOST_ROWS,
) -> Report:
    """Five round trips. Raises InvalidInput when it takes too long.

    names: of people, by id. most: rows of a table before the others.
    """
    earlier = span.earlier
    reading = gathering.read(earlier.start, span.end, about)
    now, before = reading.gathered.within(span), reading.gathered.within(earlier)
    return Report(
        span=span,
        now=figures(now),
        before=figures(before),
        backlog=reading.backlog,
        backlog_before=_earlier(reading.backlog, now.opened, now.resolved),
        days=_days(span, now, reading.backlog),
        tables={
            by: table(now, by, order=order or Order(), names=names or {}, most=most)
            for by in TABLES
        },
    )


def _earlier(backlog: int, opened: Facts, resolved: Facts) -> int:
    """What was open before these."""
    return backlog - len(opened) + len(resolved)


def _days(span: Span, now: Gathered, backlog: int) -> list[Day]:
    bounds = span.bounds()
    opened, resolved = now.opened.per_day(bounds), now.resolved.per_day(bounds)
    begun = _earlier(backlog, now.opened, now.resolved)
    more = (each - gone for each, gone in zip(opened, resolved, strict=True))
    open_at = list(accumulate(more, initial=begun))[1:]
    today = clock.now()
    return [
        Day(day, came, went, left if begins <= today else None)
        for day, begins, came, went, left in zip(
            span.days(), bounds[:-1], opened, resolved, open_at, strict=True
        )
    ]
