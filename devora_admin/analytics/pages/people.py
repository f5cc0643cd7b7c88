"""From a point of a chart to the customers behind it."""

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from types import MappingProxyType
from urllib.parse import urlencode

from django.urls import reverse

from devora_admin.analytics import periods
from devora_admin.analytics.people import Point
from devora_admin.analytics.periods import FIRST_DAY
from devora_admin.analytics.queries.asking import EVENT_TYPE
from devora_admin.analytics.queries.table import Row, Table
from devora_admin.analytics.rollups.dimensions import ALL, DIMENSIONS
from devora_admin.core import clock

_NOTHING: Mapping[str, str] = MappingProxyType({})
_DAYS_OF = {"wau": 7, "mau": 30}


class Behind:
    """Makes the addresses of the lists behind a table's points.

    by, where: as the table was asked for. Which customers did what is kept for one of the
    dimensions at a time: of two there is no list.
    """

    def __init__(self, by: str = "", where: Mapping[str, str] = _NOTHING) -> None:
        self._by, self._where = by, where

    def __call__(self, table: Table, row: Row, at: int) -> str:
        """ "" where there is none."""
        held = {name: value for name, value in self._where.items() if name in DIMENSIONS}
        types = table.metric.of or table.metric.types
        if self._where.get(EVENT_TYPE):
            types = (self._where[EVENT_TYPE],)
        if self._by == EVENT_TYPE:
            types = (row.label,)
        elif self._by:
            held[self._by] = row.label
        if len(held) > 1 or row.is_others:
            return ""
        by, value = next(iter(held.items()), (ALL, ""))
        point = self._point(table, at, tuple(types), by, value)
        return f"{reverse('users:list')}?{urlencode({'group': point.key})}"

    def _point(
        self, table: Table, at: int, types: tuple[str, ...], by: str, value: str
    ) -> Point:  # fmt: skip
        begins = table.columns[at]
        if table.grain == "hour":
            hour = begins.astimezone(UTC)
            return Point(hour.date(), hour.date(), types, by, value, hour)
        first, last = _days(table, at)
        if back := _DAYS_OF.get(table.metric.name):
            last = min(last, clock.now().astimezone(begins.tzinfo).date())
            first = max(last - timedelta(days=back - 1), FIRST_DAY)
        return Point(first, last, types, by, value)


def _days(table: Table, at: int) -> tuple[date, date]:
    """The first and last day that a column tells of."""
    first = table.columns[at].date()
    last = periods.last_of(first, table.grain)
    if table.metric.kind == "customers":  # of the whole week or month, counted as one
        return max(first, FIRST_DAY), last
    return max(first, table.span.first), min(last, table.span.last)
