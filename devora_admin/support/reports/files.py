"""The tables of a report as lines of CSV: plain numbers, seconds and counts."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from devora_admin.core.csv_lines import csv_lines
from devora_admin.support.reports.facts import By
from devora_admin.support.reports.figures import Figures
from devora_admin.support.reports.links import Links
from devora_admin.support.reports.report import Report
from devora_admin.support.reports.shown import lines

Cells = Iterable[str]
_UNITS = {"count": "issues", "seconds": "seconds", "percent": "%"}
_FIGURES: Mapping[str, Callable[[Figures], float | None]] = {
    "Opened": lambda each: each.opened,
    "Resolved": lambda each: each.resolved,
    "First response, median business seconds": lambda each: each.first_response.median_s,
    "First response, median seconds": lambda each: each.first_response_wall.median_s,
    "Resolution, median business seconds": lambda each: each.resolution.median_s,
    "Resolution, median seconds": lambda each: each.resolution_wall.median_s,
    "Late first responses": lambda each: each.late_first,
    "Late resolutions": lambda each: each.late_resolution,
    "Reopened": lambda each: each.reopened.part,
    "Once resolved": lambda each: each.reopened.whole,
    "Satisfied": lambda each: each.satisfied.part,
    "Answered": lambda each: each.answered.part,
    "Asked": lambda each: each.answered.whole,
}
TABLES: Mapping[str, tuple[str, By | None]] = {
    "summary": ("issues", None),
    "days": ("issues-by-day", None),
    "people": ("issues-by-person", "who"),
    "tags": ("issues-by-tag", "tag"),
    "types": ("issues-by-project-type", "type"),
}
"""In addresses: how the file begins, and what of the report it is."""
_FIRST = {"who": "Person", "tag": "Tag", "type": "Project type"}


def name_of(table: str, report: Report) -> str:
    """With the days, so that two files can be told apart."""
    return f"{TABLES[table][0]}-{report.span.first}-to-{report.span.last}.csv"


def lines_of(table: str, report: Report, links: Links) -> Iterator[str]:
    by = TABLES[table][1]
    if by:
        return csv_lines([_FIRST[by], *_FIGURES], _rows(report, by))
    if table == "days":
        return csv_lines(["Day", "Opened", "Resolved", "Open at the end"], _days(report))
    span, before = report.span, report.span.earlier
    header = ["", "Number", "Unit", *(f"{each.first} to {each.last}" for each in (span, before))]
    return csv_lines(header, _summary(report, links))


def _summary(report: Report, links: Links) -> Iterator[Cells]:
    for title, group in lines(report, links):
        for line in group:
            yield title, line.label, _UNITS[line.kind], _number(line.now), _number(line.before)


def _days(report: Report) -> Iterator[Cells]:
    for each in report.days:
        numbers = (each.opened, each.resolved, each.backlog)
        yield each.day.isoformat(), *map(_number, numbers)


def _rows(report: Report, by: By) -> Iterator[Cells]:
    for row in report.tables[by]:
        yield row.label, *(_number(value(row.figures)) for value in _FIGURES.values())


def _number(value: float | None) -> str:
    """Nothing for what there is none of."""
    return "" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")
