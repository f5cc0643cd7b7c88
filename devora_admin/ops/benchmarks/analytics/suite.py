"""Everything that is measured of analytics."""

from collections.abc import Iterator

from devora_admin.ops.benchmarks.analytics import intake
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.report import Report, Section


def sections(bench: Bench, *, rounds: int, report: Report) -> Iterator[Section]:
    """rounds: how many batches come in."""
    yield intake.intake(bench, batches=rounds, report=report)
