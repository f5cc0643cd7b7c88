"""Tables of a report as a page shows them: headers to order by, rows with their lists."""

from dataclasses import dataclass

from django.http import QueryDict

from devora_admin.shell.listing.forms import changed
from devora_admin.support.reports.facts import By
from devora_admin.support.reports.figures import Spread
from devora_admin.support.reports.links import Links
from devora_admin.support.reports.report import Report
from devora_admin.support.reports.shown import NONE, percent, told
from devora_admin.support.reports.tables import COLUMNS, Order, Row

_TITLES = {"who": ("people", "By person"), "tag": ("tags", "By tag"),
           "type": ("types", "By project type")}  # fmt: skip
_FIRST = {"who": "Person", "tag": "Tag", "type": "Project type"}


@dataclass(frozen=True, slots=True)
class Header:
    label: str
    url: str
    aria: str
    """ascending or descending where the table is ordered by it."""
    is_number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    text: str
    url: str
    """"" where there is no list."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    row: Row
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    """In addresses, and the id of its place."""
    title: str
    headers: list[Header]
    rows: list[ShownRow]


def tables_of(report: Report, links: Links, *, order: Order, given: QueryDict) -> list[Table]:
    found = []
    for by, rows in report.tables.items():
        name, title = _TITLES[by]
        shown = [ShownRow(row, _cells(row, by, links)) for row in rows]
        found.append(Table(name, title, _headers(by, order, given), shown))
    return found


def _headers(by: By, order: Order, given: QueryDict) -> list[Header]:
    """Numbers begin with the largest, names with the first."""
    found = []
    for column, (label, _) in COLUMNS.items():
        is_current = order.column == column
        descends = not order.descends if is_current else column != "name"
        url = changed(given, sort=f"{'-' if descends else ''}{column}") + f"#{_TITLES[by][0]}"
        aria = ("descending" if order.descends else "ascending") if is_current else ""
        found.append(Header(label or _FIRST[by], url, aria, column != "name"))
    return found


def _cells(row: Row, by: By, links: Links) -> list[Cell]:
    each, own = row.figures, links.of_row(by, row.key)
    satisfied = each.satisfied
    cells = [
        _count("Opened", each.opened, own.opened),
        _count("Resolved", each.resolved, own.resolved),
        _time("First response", each.first_response_wall, each.first_response, own.replied),
        _time("Resolution", each.resolution_wall, each.resolution, own.resolved),
        _count("Late responses", each.late_first, own.late_first),
        _count("Late resolutions", each.late_resolution, own.late_resolution),
        _count("Reopened", each.reopened.part, own.reopened),
        Cell(
            "Satisfied",
            NONE if satisfied.percent is None else percent(satisfied.percent),
            own.answered if satisfied.whole else "",
            f"{satisfied.part:,} of {satisfied.whole:,}" if satisfied.whole else "",
        ),
    ]
    return (
        [Cell(cell.label, cell.text, "", cell.note) for cell in cells] if row.is_others else cells
    )


def _time(label: str, by_clock: Spread, business: Spread, url: str) -> Cell:
    median, counted = by_clock.median_s, business.median_s
    note = "" if counted is None else f"{told(counted, 'seconds')} in business hours"
    return Cell(label, told(median, "seconds"), "" if median is None else url, note)


def _count(label: str, count: int, url: str) -> Cell:
    return Cell(label, f"{count:,}", url)
