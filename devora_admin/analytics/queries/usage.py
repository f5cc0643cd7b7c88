"""How much a customer used in the last 30 days: sums of each day, from the index alone."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import get_current_timezone

from devora_admin.analytics.documents import EVENTS, HAS_TOKENS
from devora_admin.core import clock

DAYS = 30
COMPLETED, FAILED = "generation_completed", "generation_failed"
MADE, ERROR = "project_created", "error"
COUNTED, SUMMED = [COMPLETED, FAILED, MADE, ERROR], [COMPLETED, FAILED]
_TOKENS = {"tokens": {"$sum": "$properties.tokens"}}
Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    label: str
    values: tuple[int, ...]
    """One for each day, the earliest first."""
    is_bad: bool = False
    """Whether more of it is worse."""

    @property
    def total(self) -> int:
        return sum(self.values)

    @property
    def today(self) -> int:
        return self.values[-1]


@dataclass(frozen=True, slots=True)
class Usage:
    days: tuple[date, ...]
    """The last is today, in the time zone of the settings."""
    series: tuple[Series, ...]

    @property
    def is_empty(self) -> bool:
        return not any(each.total for each in self.series)

    @property
    def table(self) -> list[tuple[date, list[int]]]:
        """The latest day first."""
        columns = zip(*(each.values for each in self.series), strict=True)
        return [(day, list(row)) for day, row in zip(self.days, columns, strict=True)][::-1]


def days() -> tuple[date, ...]:
    today = clock.now().astimezone(get_current_timezone()).date()
    return tuple(today - timedelta(days=back) for back in reversed(range(DAYS)))


def usage_stages(customer_id: str) -> list[dict[str, Any]]:
    """Reads the events of one customer, for `usage_of`.

    A day is a range of the index with a group of its own: the store takes two to five times as
    long to tell the day from each event's time.
    """
    first, *rest = [
        *(_of_day(customer_id, day, COUNTED, {}, {"count": {"$sum": 1}}) for day in days()),
        *(_of_day(customer_id, day, SUMMED, HAS_TOKENS, _TOKENS) for day in days()),
    ]
    return [*first, *({"$unionWith": {"coll": EVENTS, "pipeline": steps}} for steps in rest)]


def usage_of(rows: Iterable[Mapping[str, Any]]) -> Usage:
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if isinstance(row["_id"], str):
            sums.setdefault((row["day"], row["_id"]), {}).update(row)
    shown = days()

    def series(name: str, label: str, field: str, *kinds: str, is_bad: bool = False) -> Series:
        values = (
            sum(_whole(sums.get((day.isoformat(), kind), {}).get(field, 0)) for kind in kinds)
            for day in shown
        )
        return Series(name, label, tuple(values), is_bad)

    return Usage(
        shown,
        (
            series("projects", "Projects made", "count", MADE),
            series("generations", "Generations", "count", COMPLETED, FAILED),
            series("tokens", "Tokens", "tokens", COMPLETED, FAILED),
            series("failures", "Failed generations", "count", FAILED, is_bad=True),
            series("errors", "Errors", "count", ERROR, is_bad=True),
        ),
    )


def _of_day(
    customer_id: str, day: date, types: list[str], condition: Step, sums: Step
) -> list[Step]:
    during = {"$gte": _begin(day), "$lt": _begin(day + timedelta(days=1))}
    theirs = {"user_id": customer_id, "event_type": {"$in": types}, "timestamp": during}
    return [
        {"$match": {**theirs, **condition}},
        {"$group": {"_id": "$event_type", **sums}},
        {"$set": {"day": {"$literal": day.isoformat()}}},
    ]


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=get_current_timezone())


def _whole(tokens: Any) -> int:
    """A sum of whatever the platform wrote: numbers of every kind, infinite ones too."""
    try:
        number = float(tokens if isinstance(tokens, int | float) else str(tokens))
    except ValueError:
        return 0
    return round(number) if math.isfinite(number) else 0
