"""Everything that is measured of analytics."""

from collections.abc import Iterator

from devora_admin.ops.benchmarks.analytics import charts, intake, lag
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.report import Report, Section


def sections(
    bench: Bench, *, events: int, rounds: int, seconds: float, report: Report
) -> Iterator[Section]:
    """events: whose charts are read. rounds: how many batches come in, and how often each chart is
    read. seconds: how long events come in at a rate."""
    yield charts.charts(bench, many=events, rounds=rounds, report=report)
    yield lag.lag(seconds=seconds, report=report)
    yield intake.intake(bench, batches=rounds, report=report)
