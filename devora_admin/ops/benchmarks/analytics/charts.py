"""Pages of a year's numbers: of few events, of a hundred times as many, and against the same
numbers by aggregation over the events themselves."""

import time
from datetime import date
from typing import Any

import pymongo

from devora_admin.analytics import documents
from devora_admin.analytics.documents import events
from devora_admin.analytics.periods import DAY, Span, begin
from devora_admin.analytics.queries.series import series
from devora_admin.analytics.rollups import state
from devora_admin.core import clock, mongo
from devora_admin.ops.benchmarks.analytics.filling import DAYS, fill
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.pages import address_of, pages_section
from devora_admin.ops.benchmarks.report import Ratio, Report, Section, Target
from devora_admin.worker.documents import WORKER_STATE

TARGET, MOST_GROWTH = Target(p95_ms=60), 1.2
GROWTH = 100
_PATIENCE_S = 600.0
_EXPLORED: dict[str, dict[str, str]] = {
    "events by type": {"metric": "events", "by": "event_type"},
    "tokens by model": {"metric": "tokens", "by": "model"},
    "cost of one plan by model": {"metric": "cost", "by": "model", "plan": "pro"},
    "generations that succeed": {"metric": "success_rate"},
    "latency, 95 of 100": {"metric": "latency_p95"},
    "latency by model": {"metric": "latency_p95", "by": "model"},
    "active customers by plan": {"metric": "customers", "by": "plan"},
    "active in the last 30 days": {"metric": "mau"},
}
_COUNTED = (
    documents.EVENTS, documents.SERIES, documents.SKETCHES, documents.CUBE, documents.ACTIVE,
    documents.USER_DAYS, documents.JOURNEYS, documents.COHORTS, documents.TYPES, documents.STATE,
    WORKER_STATE,  # where an earlier run's worker was in the changes is long gone from the store
)  # fmt: skip


def charts(bench: Bench, *, many: int, rounds: int, report: Report) -> Section:
    """many: events. Measured with a hundredth of them first. Forgets what an earlier run left."""
    few = max(1, many // GROWTH)
    _filled(few, report)
    before = _pages(bench, rounds)
    start = time.perf_counter()
    _filled(many, report)
    rate = many / (time.perf_counter() - start)
    after = _pages(bench, rounds)
    grown = [
        Ratio(f"{now.name}, of {few:,} events", now.sample.p50 / then.sample.p50, MOST_GROWTH)
        for now, then in zip(after.figures, before.figures, strict=True)
    ]
    medians = {figure.name: figure.sample.p50 for figure in after.figures}
    by_aggregation = [
        Ratio(f"{name}, by aggregation over the events", raw_ms / medians[_by_day(name)])
        for name, raw_ms in _raw().items()
    ]
    return Section(
        f"365 days of charts from {many:,} events, on the server, sign-in included (ms)",
        after.figures,
        [*grown, *by_aggregation],
        notes=[f"Filled in at {rate:,.0f} events a second."],
    )


def _filled(many: int, report: Report) -> None:
    for name in _COUNTED:
        mongo.database().drop_collection(name)
    mongo.ensure_indexes(only=set(_COUNTED))
    fill(many, until=clock.now(), report=report)


def _pages(bench: Bench, rounds: int) -> Section:
    asked = {
        "overview": address_of("analytics:overview", days="365"),
        "overview, a point a day": address_of("analytics:overview", days="365", grain="day"),
        "generations": address_of("analytics:generations", days="365"),
        "customers": address_of("analytics:customers", days="365"),
        "live": address_of("analytics:live"),
        **{
            _by_day(name): address_of("analytics:explore", days="365", grain="day", **each)
            for name, each in _EXPLORED.items()
        },
    }
    paths = {name: (path, TARGET) for name, path in asked.items()}
    return pages_section("", bench.client, paths, rounds=rounds)


def _by_day(name: str) -> str:
    return f"explore: {name}"


def _raw() -> dict[str, float]:
    """The same numbers from the events, which must be the same; how long each takes, in ms."""
    took = {}
    last = clock.now().astimezone(state.state().zone).date()
    span = Span(last - (DAYS - 1) * DAY, last)
    for name, by, summed in (
        ("events by type", "$event_type", 1),
        ("tokens by model", "$properties.model", "$properties.tokens"),
    ):
        start = time.perf_counter()
        found = _aggregated(span, by, summed)
        took[name] = (time.perf_counter() - start) * 1000
        asked = _EXPLORED[name]
        table = series(asked["metric"], span=span, by=asked["by"])
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
