"""Writes events as Parquet files, a day at a time.

Each day that is asked for is read anew, so a late event, a customer who was merged or one who was
erased is in the next export of that day. An export that was stopped goes on with the days it had
not finished, and with those that hold another number of events by now.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from devora_admin.analytics.rollups.facts import EARLIEST as FIRST
from devora_admin.analytics.warehouse import files, reading, runs
from devora_admin.analytics.warehouse.columns import Row
from devora_admin.analytics.warehouse.files import UNKNOWN, Manifest
from devora_admin.analytics.warehouse.packages import needed
from devora_admin.analytics.warehouse.rows import row_of
from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput

_TOLD_EVERY = 1000


@dataclass(slots=True)
class Progress:
    total: int
    """Events in the days that are to be written, as counted at the beginning."""
    day: str = ""
    events: int = 0
    began_s: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / max(0.001, time.monotonic() - self.began_s)

    @property
    def left_s(self) -> float:
        return max(0, self.total - self.events) / max(1.0, self.rate)


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Day:
    """One that is done. Kept: written by this export before it was stopped."""

    manifest: Manifest
    what: Literal["written", "unchanged", "kept"]


def export(
    root: Path, *, first: date | None, last: date | None, report: Report = lambda progress: None
) -> Iterator[Day]:
    """The days from first to last, in UTC, and then the events of no day.

    first: None for the first that has any. last: None for yesterday.
    Raises InvalidInput, Conflict while another one writes there, and NotInstalled.
    """
    needed("pyarrow")
    now = clock.now()
    first, last = _range(first, last, now)
    with runs.only_one(root):
        run = runs.begin(root, now)
        counts = reading.counts(first, last)
        kept = {day: found for day in counts if (found := _done(root, day, counts[day], run))}
        progress = Progress(sum(counts[day] for day in counts if day not in kept))
        for day in sorted(counts.keys() | _written_before(root, first, last)):
            if day in kept:
                yield Day(kept[day], "kept")
            else:
                yield _written(root, str(day), progress, run, now, report)
        yield _written(root, UNKNOWN, progress, run, now, report)
        runs.end(root)


def _range(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    if first and last and first > last:
        raise InvalidInput(f"The range ends on {last}, before it begins on {first}.")
    today = now.astimezone(UTC).date()
    last = min(last or today - timedelta(days=1), today)
    return min(max(first or FIRST.date(), FIRST.date()), last), last


def _done(root: Path, day: date, events: int, run: str) -> Manifest | None:
    found = files.manifest_of(root, str(day))
    return found if found and found.run == run and found.events == events else None


def _written_before(root: Path, first: date, last: date) -> set[date]:
    """Days that may have lost all their events since."""
    days = (date.fromisoformat(day) for day in files.days_in(root) if day != UNKNOWN)
    return {day for day in days if first <= day <= last}


def _written(
    root: Path, day: str, progress: Progress, run: str, now: datetime, report: Report
) -> Day:
    is_known = day != UNKNOWN
    found = reading.of_day(date.fromisoformat(day)) if is_known else reading.of_no_day(now)
    progress.day = day

    def rows() -> Iterator[Row]:
        for event in found:
            row = row_of(event, now=now)
            if (row.timestamp is not None) != is_known:
                continue  # later today than now: of no day yet
            progress.events += 1
            if progress.events % _TOLD_EVERY == 0:
                report(progress)
            yield row

    manifest, is_other = files.replace(root, day, rows(), run=run)
    return Day(manifest, "written" if is_other else "unchanged")
