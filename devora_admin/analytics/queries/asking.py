"""What is asked of the rollups, checked: which documents answer it, and in which columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from devora_admin.analytics import metrics, periods
from devora_admin.analytics.metrics import Metric
from devora_admin.analytics.periods import Cell, Grain, Span
from devora_admin.analytics.rollups.dimensions import ALL, DIMENSIONS, EVERY_TYPE, PLAN
from devora_admin.core.errors import InvalidInput

EVENT_TYPE = "event_type"
BREAKDOWNS = ("", EVENT_TYPE, *DIMENSIONS)
_LONGEST = 200
Places = Mapping[str, Mapping[str, int]]
"""Columns by the key of a cell, by its period."""


@dataclass(frozen=True, slots=True)
class Question:
    metric: Metric
    span: Span
    grain: Grain
    by: str
    types: tuple[str, ...]
    """Of events; () is each of them."""
    values: Mapping[str, str]
    """Of the dimensions that are held to one value."""
    zone: ZoneInfo

    @property
    def is_crossed(self) -> bool:
        """Whether two dimensions matter at once."""
        named = {*self.values, self.by} - {"", EVENT_TYPE}
        return len(named) > 1

    @property
    def dimension(self) -> str:
        """The one that matters."""
        return next((name for name in DIMENSIONS if name in (*self.values, self.by)), ALL)

    def columns(self) -> tuple[datetime, ...]:
        """When each begins."""
        return _columns(self.span, self.grain, self.zone)

    def places(self) -> Places:
        """The column of each cell, by its period and its key."""
        return _places(self.span, self.grain, self.zone)


@lru_cache(maxsize=64)
def _columns(span: Span, grain: Grain, zone: ZoneInfo) -> tuple[datetime, ...]:
    if grain == "hour":
        return tuple(hour.astimezone(zone) for hour in periods.hours(span, zone))
    days = dict.fromkeys(periods.column_of(day, grain) for day in span)
    return tuple(periods.begin(day, zone).astimezone(zone) for day in days)


@lru_cache(maxsize=64)
def _places(span: Span, grain: Grain, zone: ZoneInfo) -> Places:
    found: dict[str, dict[str, int]] = {}
    for (period, key), column in _columns_of_cells(span, grain, zone):
        found.setdefault(period, {})[key] = column
    return found


def _columns_of_cells(span: Span, grain: Grain, zone: ZoneInfo) -> Iterator[tuple[Cell, int]]:
    if grain == "hour":
        for at, hour in enumerate(periods.hours(span, zone)):
            yield periods.hour_cell(hour), at
        return
    firsts = dict.fromkeys(periods.column_of(day, grain) for day in span)
    column = {first: at for at, first in enumerate(firsts)}
    for day in span:
        yield periods.day_cell(day), column[periods.column_of(day, grain)]


def asked(
    name: str, *, span: Span, by: str, where: Mapping[str, str], grain: Grain, zone: ZoneInfo
) -> Question:
    """Raises InvalidInput for what cannot be answered, with what can."""
    metric = metrics.metric(name)
    if grain not in periods.GRAINS:
        raise InvalidInput("Choose hours, days, weeks or months.", field="grain")
    if by not in BREAKDOWNS:
        raise InvalidInput("There is no such breakdown.", field="by")
    values = {key: value for key, value in where.items() if value != ""}
    if set(values) - set(BREAKDOWNS) or any(len(each) > _LONGEST for each in values.values()):
        raise InvalidInput("There is no such filter.", field="where")
    types = _types(metric, by, values.pop(EVENT_TYPE, None))
    question = Question(metric, periods.checked(span, grain), grain, by, types, values, zone)
    _check_kind(question)
    return question


def _types(metric: Metric, by: str, wanted: str | None) -> tuple[str, ...]:
    if wanted is None:
        return metric.of or metric.types or (() if by == EVENT_TYPE else (EVERY_TYPE,))
    if metric.kind == "share" or (metric.types and wanted not in metric.types):
        raise InvalidInput(f"“{metric.label}” is not of such events.", field="where")
    return (wanted,)


def _check_kind(question: Question) -> None:
    metric = question.metric
    if metric.kind in ("active", "customers") and question.grain == "hour":
        raise InvalidInput("Customers are counted by the day. Choose days.", field="grain")
    if metric.kind == "active" and (set(question.values) | {question.by}) - {PLAN, ""}:
        raise InvalidInput(
            f"“{metric.label}” is known by plan. Choose “Active customers” for others.", field="by"
        )
    if metric.kind == "active" and question.types != (EVERY_TYPE,):
        raise InvalidInput(f"“{metric.label}” is of all events.", field="where")
    if question.is_crossed and question.grain == "hour":
        raise InvalidInput("Two of plan, project type and model at once are counted by the day. "
                           "Choose days, or one of them.", field="grain")  # fmt: skip
    if question.is_crossed and metric.kind in ("quantile", "customers"):
        raise InvalidInput(
            f"“{metric.label}” is known for one of plan, project type and model at a time.",
            field="by",
        )
    if metric.kind == "share" and question.by == EVENT_TYPE:
        raise InvalidInput(f"“{metric.label}” is of several types at once.", field="by")
    if metric.kind == "customers" and question.grain != "day" and not is_of_everything(question):
        raise InvalidInput(
            "By week and month, customers are counted as a whole or by plan. Choose days.",
            field="grain",
        )


def is_of_everything(question: Question) -> bool:
    """Whether all events count, so that weeks and months are known too."""
    named = (set(question.values) | {question.by}) - {"", PLAN}
    return question.types == (EVERY_TYPE,) and not named
