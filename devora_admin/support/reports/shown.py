"""The numbers as people read them, each with the one before and the list behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from devora_admin.shell.templatetags.shell import duration
from devora_admin.support.reports.figures import Figures, Share
from devora_admin.support.reports.links import Links
from devora_admin.support.reports.report import Report

Kind = Literal["count", "seconds", "percent"]
NONE = "—"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number there is of every time."""

    label: str
    kind: Kind
    value: Callable[[Figures], float | None]
    link: str
    """A name of Links: the issues it was taken from."""
    share: Callable[[Figures], Share] | None = None
    """What it is a share of, to be shown beside it."""


BACKLOG = "Open at the end"
GROUPS: tuple[tuple[str, tuple[Measure, ...]], ...] = (
    (
        "Issues",
        (
            Measure("Opened", "count", lambda each: each.opened, "opened"),
            Measure("Resolved", "count", lambda each: each.resolved, "resolved"),
            Measure(BACKLOG, "count", lambda each: None, "backlog"),
            Measure(
                "Reopened, of those once resolved", "percent",
                lambda each: each.reopened.percent, "reopened", lambda each: each.reopened,
            ),
        ),
    ),
    (
        "First response",
        (
            Measure("Median, by the clock", "seconds",
                    lambda each: each.first_response_wall.median_s, "replied"),
            Measure("Nine of ten within, by the clock", "seconds",
                    lambda each: each.first_response_wall.p90_s, "replied"),
            Measure("Median, in business hours", "seconds",
                    lambda each: each.first_response.median_s, "replied_as_promised"),
            Measure("Nine of ten within, in business hours", "seconds",
                    lambda each: each.first_response.p90_s, "replied_as_promised"),
            Measure("Became late in this time", "count", lambda each: each.late_first,
                    "late_first"),
            Measure("Late, of those opened", "percent", lambda each: each.late_of_opened.percent,
                    "late_of_opened", lambda each: each.late_of_opened),
        ),
    ),
    (
        "Resolution",
        (
            Measure("Median, by the clock", "seconds",
                    lambda each: each.resolution_wall.median_s, "resolved"),
            Measure("Nine of ten within, by the clock", "seconds",
                    lambda each: each.resolution_wall.p90_s, "resolved"),
            Measure("Median, in business hours", "seconds",
                    lambda each: each.resolution.median_s, "resolved_as_promised"),
            Measure("Nine of ten within, in business hours", "seconds",
                    lambda each: each.resolution.p90_s, "resolved_as_promised"),
            Measure("Became late in this time", "count", lambda each: each.late_resolution,
                    "late_resolution"),
            Measure("Late, of those resolved", "percent",
                    lambda each: each.late_of_resolved.percent, "late_of_resolved",
                    lambda each: each.late_of_resolved),
        ),
    ),
    (
        "Satisfaction",
        (
            Measure("Satisfied, of those who answered", "percent",
                    lambda each: each.satisfied.percent, "satisfied", lambda each: each.satisfied),
            Measure("Answered, of those asked", "percent",
                    lambda each: each.answered.percent, "answered", lambda each: each.answered),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    kind: Kind
    now: float | None
    before: float | None
    share: Share | None
    url: str
    url_before: str

    @property
    def now_text(self) -> str:
        return told(self.now, self.kind)

    @property
    def before_text(self) -> str:
        return told(self.before, self.kind)

    @property
    def change(self) -> str:
        """ "" where there is nothing to compare."""
        if self.now is None or self.before is None:
            return ""
        by = self.now - self.before
        text = told(abs(by), self.kind).replace(" %", " points")
        if text == told(0, self.kind).replace(" %", " points"):
            return "same"
        return f"{'+' if by > 0 else '−'}{text}"  # noqa: RUF001


def lines(report: Report, links: Links) -> list[tuple[str, list[Line]]]:
    earlier = Links(report.span.earlier, links.about)
    return [
        (title, [_line(measure, report, links, earlier) for measure in measures])
        for title, measures in GROUPS
    ]


def _line(measure: Measure, report: Report, links: Links, earlier: Links) -> Line:
    now, before = measure.value(report.now), measure.value(report.before)
    if measure.label == BACKLOG:
        now, before = report.backlog, report.backlog_before
    return Line(
        label=measure.label,
        kind=measure.kind,
        now=now,
        before=before,
        share=measure.share(report.now) if measure.share else None,
        url=links[measure.link],
        url_before=earlier[measure.link],
    )


def told(value: float | None, kind: Kind) -> str:
    if value is None:
        return NONE
    if kind == "seconds":
        return duration(value)
    return percent(value) if kind == "percent" else f"{value:,.0f}"


def percent(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") + " %"
