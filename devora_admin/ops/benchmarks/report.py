"""Figures as a table for people and as JSON for scripts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from devora_admin.ops.benchmarks.measure import Sample

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    p50_ms: float | None = None
    p95_ms: float | None = None
    round_trips: int | None = None

    def misses(self, figure: "Figure") -> Iterator[str]:
        if self.p50_ms is not None and figure.sample.p50 > self.p50_ms:
            yield "p50"
        if self.p95_ms is not None and figure.sample.p95 > self.p95_ms:
            yield "p95"
        if self.round_trips is not None and (figure.round_trips or 0) > self.round_trips:
            yield "round trips"

    def __str__(self) -> str:
        parts = [
            *([f"p50 ≤ {self.p50_ms:g} ms"] if self.p50_ms is not None else []),
            *([f"p95 ≤ {self.p95_ms:g} ms"] if self.p95_ms is not None else []),
            *([f"≤ {self.round_trips} trips"] if self.round_trips is not None else []),
        ]
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    sample: Sample
    target: Target | None = None
    round_trips: int | None = None

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        missed = list(self.target.misses(self))
        return f"short: {', '.join(missed)}" if missed else "ok"

    def as_json(self) -> dict[str, Any]:
        sample = self.sample
        return {
            "name": self.name,
            "count": len(sample.times_ms),
            "p50_ms": round(sample.p50, 3),
            "p95_ms": round(sample.p95, 3),
            "p99_ms": round(sample.p99, 3),
            "round_trips": self.round_trips,
            "target": str(self.target) if self.target else None,
            "verdict": self.verdict or None,
        }


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times `name` takes of what it is compared with, at the median."""

    name: str
    value: float
    limit: float | None = None

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return "ok" if self.value <= self.limit else "short"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "ratio": round(self.value, 3),
            "target": self.limit,
            "verdict": self.verdict or None,
        }


@dataclass(frozen=True, slots=True)
class Amount:
    """What is no time: a share found, a rate, a size."""

    name: str
    value: float
    unit: str = ""
    least: float | None = None
    form: str = ",.3f"

    @property
    def verdict(self) -> str:
        if self.least is None:
            return ""
        return "ok" if self.value >= self.least else "short"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit or None,
            "target": self.least,
            "verdict": self.verdict or None,
        }


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    figures: list[Figure]
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "figures": [figure.as_json() for figure in self.figures],
            "ratios": [ratio.as_json() for ratio in self.ratios],
            "amounts": [amount.as_json() for amount in self.amounts],
            "notes": self.notes,
        }


HEAD = f"{'':46}{'n':>6}{'p50':>9}{'p95':>9}{'p99':>9}{'trips':>7}"


def show(section: Section, write: Report) -> None:
    write(f"\n{section.title}")
    if section.figures:
        write(f"{HEAD}  target")
    for figure in section.figures:
        sample = figure.sample
        times = "".join(f"{ms:9.2f}" for ms in (sample.p50, sample.p95, sample.p99))
        trips = "" if figure.round_trips is None else str(figure.round_trips)
        goal = f"  {figure.target}: {figure.verdict}" if figure.target else ""
        write(f"  {figure.name:<44}{len(sample.times_ms):6}{times}{trips:>7}{goal}")
    for ratio in section.ratios:
        goal = f"  ≤ {ratio.limit:g}: {ratio.verdict}" if ratio.limit else ""
        write(f"  {ratio.name:<50}{ratio.value:8.2f} x{'':23}{goal}")
    for amount in section.amounts:
        goal = f"  ≥ {amount.least:{amount.form}}: {amount.verdict}" if amount.least else ""
        write(f"  {amount.name:<50}{amount.value:10{amount.form}} {amount.unit}{goal}")
    for note in section.notes:
        write(f"  {note}")
