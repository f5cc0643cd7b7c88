"""What a metric was in windows, from the rollups' cells."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bson import MaxKey, MinKey

from devora_admin.analytics.alerts.rule import Rule
from devora_admin.analytics.alerts.windows import HOURLY, Window
from devora_admin.analytics.documents import SERIES
from devora_admin.analytics.metrics import Value
from devora_admin.analytics.periods import Grain, Span, begin
from devora_admin.analytics.queries.asking import Question, asked
from devora_admin.analytics.queries.cells import Found, cells
from devora_admin.analytics.queries.reading import rollups
from devora_admin.analytics.queries.series import series, table_of
from devora_admin.analytics.rollups.dimensions import ALL
from devora_admin.analytics.rollups.sketches import Bins


class Reading(NamedTuple):
    value: Value
    volume: float
    """How many the value is of: events, or what a share or a latency was taken from."""


@dataclass(frozen=True, slots=True)
class _OfWindows(Question):
    """A question whose columns are windows, which may overlap."""

    windows: tuple[Window, ...] = ()

    def columns(self) -> tuple[datetime, ...]:
        return tuple(window.since for window in self.windows)


def readings(rule: Rule, windows: Iterable[Window], zone: ZoneInfo) -> dict[Window, Reading]:
    """Raises InvalidInput for what cannot be answered."""
    wanted = tuple(sorted(set(windows)))
    if not wanted:
        return {}
    spans = [window.span(zone) for window in wanted]
    span = Span(min(each.first for each in spans), max(each.last for each in spans))
    if rule.of.kind in ("active", "customers"):
        return _of_customers(rule, wanted, span)
    grain: Grain = "hour" if rule.lasting in HOURLY else "day"
    question = asked(rule.metric, span=span, by="", where=rule.where, grain=grain, zone=zone)
    found = list(_put(cells(question), question.columns(), wanted))
    values = table_of(_widened(question, wanted), found).values
    volumes = _volumes(question, found, len(wanted))
    return {
        window: Reading(value, volume)
        for window, value, volume in zip(wanted, values, volumes, strict=True)
    }


def check(rule: Rule, zone: ZoneInfo, day: date) -> None:
    """Raises InvalidInput for a rule that asks what the rollups do not know."""
    grain: Grain = "hour" if rule.lasting in HOURLY else "day"
    if rule.lasting == "week" and rule.of.kind in ("active", "customers"):
        grain = "week"
    asked(rule.metric, span=Span(day, day), by="", where=rule.where, grain=grain, zone=zone)


def began(zone: ZoneInfo) -> datetime | None:
    """The first day of which anything was counted; None before there is one."""
    low, high = (
        {"grain": "day", "dimension": ALL, "period": bound} for bound in (MinKey(), MaxKey())
    )
    row = rollups(SERIES).find_one({"_id": {"$gte": low, "$lte": high}}, sort=[("_id", 1)])
    if row is None or not row.get("cells"):
        return None
    return begin(date.fromisoformat(f"{row['_id']['period']}-{min(row['cells'])}"), zone)


def _of_customers(rule: Rule, wanted: Sequence[Window], span: Span) -> dict[Window, Reading]:
    grain: Grain = "week" if rule.lasting == "week" else "day"
    table = series(rule.metric, span=span, where=rule.where, grain=grain)
    known = dict(zip(table.columns, table.values, strict=True))
    values = [known.get(window.since) for window in wanted]
    return {
        window: Reading(value, value or 0) for window, value in zip(wanted, values, strict=True)
    }


def _widened(question: Question, windows: tuple[Window, ...]) -> _OfWindows:
    return _OfWindows(
        question.metric, question.span, question.grain, question.by, question.types,
        question.values, question.zone, windows,
    )  # fmt: skip


def _put(
    found: Iterable[Found], columns: Sequence[datetime], windows: Sequence[Window]
) -> Iterable[Found]:
    """Each cell in every window it lies in."""
    within: list[list[int]] = [[] for _ in columns]
    for place, window in enumerate(windows):
        for column in range(bisect_left(columns, window.since), bisect_left(columns, window.until)):
            within[column].append(place)
    for each in found:
        spread = [(place, cell) for column, cell in each.cells for place in within[column]]
        yield replace(each, cells=spread)


def _volumes(question: Question, found: Iterable[Found], count: int) -> list[float]:
    if question.metric.kind == "quantile":
        bins = Bins.of(cell for each in found for cell in each.cells)
        sums: list[float] = bins.by_column(count).tolist()
        return sums
    name = "latency_n" if question.metric.kind == "mean" else "n"
    volumes = [0.0] * count
    for column, numbers in (cell for each in found for cell in each.cells):
        volumes[column] += numbers.get(name, 0)
    return volumes
