"""From a point of a chart to the customers and projects behind it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote_plus

from django.urls import reverse

from devora_admin.analytics import periods, points
from devora_admin.analytics.metrics import Metric
from devora_admin.analytics.periods import FIRST_DAY, Grain, Span
from devora_admin.analytics.queries.asking import EVENT_TYPE
from devora_admin.analytics.queries.table import Row, Table
from devora_admin.analytics.rollups.dimensions import DIMENSIONS
from devora_admin.core import clock

_NOTHING: Mapping[str, str] = MappingProxyType({})
_DAYS_OF = {"wau": 7, "mau": 30}


class Behind:
    """Makes the addresses of the lists of customers behind a table's points; the list of projects
    takes the same key.

    by, where: as the table was asked for.
    """

    def __init__(self, by: str = "", where: Mapping[str, str] = _NOTHING) -> None:
        self._by, self._where = by, where

    def __call__(self, table: Table, row: Row) -> Sequence[str]:
        """By column; "" where there is none. A year of days has thousands of points: of each only
        the time is put behind what all of a row have in common."""
        held = {name: value for name, value in self._where.items() if name in DIMENSIONS}
        types = table.metric.of or table.metric.types
        if self._where.get(EVENT_TYPE):
            types = (self._where[EVENT_TYPE],)
        if self._by == EVENT_TYPE:
            types = (row.label,)
        elif self._by:
            held[self._by] = row.label
        if row.is_others:  # of any number of values
            return [""] * len(table.columns)
        key = points.key(types, tuple(held.items()))
        address = f"{reverse('users:list')}?group={quote_plus(key)}"
        today = clock.now().astimezone(table.columns[0].tzinfo).date()
        return [address + time for time in _times(table.columns, table.grain, table.span,
                                                  table.metric, today)]  # fmt: skip


@lru_cache(maxsize=64)
def _times(
    columns: tuple[datetime, ...], grain: Grain, span: Span, metric: Metric, today: date
) -> list[str]:
    """What the key of each column's point ends with, as a part of an address."""
    return [quote_plus(_time(begins, grain, span, metric, today)) for begins in columns]


def _time(begins: datetime, grain: Grain, span: Span, metric: Metric, today: date) -> str:
    if grain == "hour":
        hour = begins.astimezone(UTC)
        return points.time(hour.date(), hour.date(), hour)
    first = begins.date()
    last = periods.last_of(first, grain)
    if metric.kind == "customers":  # of the whole week or month, counted as one
        first = max(first, FIRST_DAY)
    else:
        first, last = max(first, span.first), min(last, span.last)
    if back := _DAYS_OF.get(metric.name):
        last = min(last, today)
        first = max(last - timedelta(days=back - 1), FIRST_DAY)
    return points.time(first, last)
