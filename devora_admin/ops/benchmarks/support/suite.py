"""Everything that is measured of support."""

from collections.abc import Iterator

from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.report import Report, Section
from devora_admin.ops.benchmarks.support import filling, intake, reading


def sections(bench: Bench, *, issues: int, rounds: int, report: Report) -> Iterator[Section]:
    """issues: how many there are, of 20 messages each."""
    filling.fill(bench, count=issues, report=report)
    yield reading.pages(bench, rounds=rounds, report=report)
    yield intake.intake(bench, calls=10 * rounds, report=report)
