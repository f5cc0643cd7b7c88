"""A year of numbers from the rollups: of few events, of a hundred times as many, and against the
same numbers by aggregation over the events themselves."""

import time
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

import pymongo

from devora_admin.analytics import documents
from devora_admin.analytics.documents import events
from devora_admin.analytics.periods import DAY, Span, begin
from devora_admin.analytics.queries.series import series
from devora_admin.analytics.rollups import state
from devora_admin.core import clock, mongo
from devora_admin.ops.benchmarks.analytics.filling import DAYS, fill
from devora_admin.ops.benchmarks.measure import Sample, interleave
from devora_admin.ops.benchmarks.report import Figure, Ratio, Report, Section, Target

TARGET, MOST_GROWTH = Target(p95_ms=60), 1.2
GROWTH = 100
_PATIENCE_S = 600.0
_ASKED: dict[str, dict[str, Any]] = {
    "events by type": {"metric": "events", "by": "event_type"},
    "tokens by model": {"metric": "tokens", "by": "model"},
    "cost of one plan by model": {"metric": "cost", "by": "model", "where": {"plan": "pro"}},
    "generations that succeed": {"metric": "success_rate"},
    "latency, 95 of 100": {"metric": "latency_p95"},
    "active customers by plan": {"metric": "customers", "by": "plan"},
    "active in the last 30 days": {"metric": "mau"},
}
_COUNTED = (
    documents.EVENTS, documents.SERIES, documents.SKETCHES, documents.CUBE, documents.ACTIVE,
    documents.USER_DAYS, documents.TYPES, documents.STATE,
)  # fmt: skip


def charts(*, many: int, rounds: int, report: Report) -> Section:
    """many: events. Measured with a hundredth of them first. Forgets what an earlier run left."""
    for name in _COUNTED:
        mongo.database().drop_collection(name)
    mongo.ensure_indexes(only=set(_COUNTED))
    until = clock.now()
    few = max(1, many // GROWTH)
    fill("few", few, until=until, report=report)
    span = _span(until)
    before = _read(span, rounds)
    start = time.perf_counter()
    fill("many", many - few, until=until, report=report)
    rate = (many - few) / (time.perf_counter() - start)
    after, raw = _read(span, rounds), _raw(span)
    return Section(
        f"365 days of charts from {many:,} events (ms)",
        [Figure(name, sample, TARGET) for name, sample in after.items()],
        [
            *(
                Ratio(f"{name}, of {few:,} events", after[name].p50 / before[name].p50, MOST_GROWTH)
                for name in after
            ),
            *(
                Ratio(f"{name}, by aggregation over the events", raw_ms / after[name].p50)
                for name, raw_ms in raw.items()
            ),
        ],
        notes=[f"Filled in at {rate:,.0f} events a second, written and counted by one process."],
    )


def _span(until: datetime) -> Span:
    last = until.astimezone(state.state().zone).date()
    return Span(last - (DAYS - 1) * DAY, last)


def _read(span: Span, rounds: int) -> dict[str, Sample]:
    tasks: dict[str, Callable[[], object]] = {
        name: partial(_ask, span, asked) for name, asked in _ASKED.items()
    }
    return interleave(tasks, rounds=rounds)


def _ask(span: Span, asked: dict[str, Any]) -> Any:
    rest = {name: value for name, value in asked.items() if name != "metric"}
    return series(asked["metric"], span=span, **rest)


def _raw(span: Span) -> dict[str, float]:
    """The same numbers from the events, which must be the same; how long each takes, in ms."""
    took = {}
    for name, by, summed in (
        ("events by type", "$event_type", 1),
        ("tokens by model", "$properties.model", "$properties.tokens"),
    ):
        start = time.perf_counter()
        found = _aggregated(span, by, summed)
        took[name] = (time.perf_counter() - start) * 1000
        table = _ask(span, _ASKED[name])
        days = [column.date() for column in table.columns]
        rows = {row.label: dict(zip(days, row.values, strict=True)) for row in table.rows}
        for (label, day), number in found.items():
            assert number == rows[label][day], (name, label, day)
    return took


def _aggregated(span: Span, by: str, summed: Any) -> dict[tuple[str, date], int]:
    zone = state.state().zone
    during = {"$gte": begin(span.first, zone), "$lt": begin(span.last + DAY, zone)}
    day = {"$dateToString": {"date": "$timestamp", "format": "%Y-%m-%d", "timezone": str(zone)}}
    stages: list[dict[str, Any]] = [
        {"$match": {"timestamp": during}},
        {"$group": {"_id": {"by": by, "day": day}, "sum": {"$sum": summed}}},
    ]
    with pymongo.timeout(_PATIENCE_S):
        return {
            (row["_id"]["by"], date.fromisoformat(row["_id"]["day"])): row["sum"]
            for row in events().aggregate(stages, allowDiskUse=True)
            if row["_id"].get("by") and row["sum"]
        }
