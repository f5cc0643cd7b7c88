"""The table a chart is drawn from. Made here and not in a template: a year of days has thousands of
cells, and a template takes twenty times as long for each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape

from django import template
from django.template.defaultfilters import date
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from devora_admin.analytics import periods
from devora_admin.analytics.charts import words
from devora_admin.analytics.charts.chart import Chart, Line, Note
from devora_admin.analytics.metrics import Unit, Value
from devora_admin.analytics.periods import Grain

register = template.Library()
_PLAIN = ("count", "tokens")
"""Units whose whole numbers are told as they are, but for commas."""


@register.simple_tag
def chart_table(chart: Chart) -> SafeString:
    heads = "".join(
        f'<th scope="col"{" data-before" if line.is_before else ""}>{escape(line.label)}</th>'
        for line in chart.lines
    )
    return format_html(
        '<table class="table table-sm chart-table mb-0" data-chart-table>'
        '<caption class="visually-hidden">{}</caption>'
        '<thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody>'
        "{}</table>",
        chart.title,
        chart.column_label,
        mark_safe(heads),  # noqa: S308 - escaped above
        mark_safe("".join(_rows(chart))),  # noqa: S308 - escaped below
        mark_safe(_foot(chart)),  # noqa: S308
    )


@register.simple_tag
def chart_notes(chart: Chart) -> SafeString:
    """What the marks stand for, by the row of the table: a script shows it where one is pointed at
    or chosen."""
    items = "".join(
        f'<li data-chart-note="{row}" tabindex="-1">'
        f"{date(localtime(note.at), 'j M Y H:i')}: {_text_of(note)}</li>"
        for row, note in chart.notes
    )
    return format_html('<ul class="chart-notes">{}</ul>', mark_safe(items))  # noqa: S308 - escaped


def _text_of(note: Note) -> str:
    text = escape(note.text)
    if not note.url:
        return f'<span dir="auto">{text}</span>'
    return f'<a href="{escape(note.url)}" rel="noreferrer" dir="auto">{text}</a>'


def _rows(chart: Chart) -> Iterator[str]:
    lines = [_cells(line, chart.unit) for line in chart.lines]
    heads = _heads(tuple(chart.columns), chart.grain) if not chart.names else _named(chart.names)
    for head, *cells in zip(heads, *lines, strict=True):
        yield f"{head}{''.join(cells)}</tr>"


def _cells(line: Line, unit: Unit) -> list[str]:
    if not line.links:
        return []
    # Escaped at once, as they are thousands; none holds the end of a line.
    addresses = escape("\n".join(line.links)).split("\n")
    return [_cell(each, url, unit) for each, url in zip(line.values, addresses, strict=True)]


def _days(column: datetime, grain: Grain) -> str:
    """The first and the last day of a row."""
    first = column.date()
    last = periods.last_of(first, grain)
    return f' data-first="{first}"' + (f' data-last="{last}"' if last != first else "")


def _foot(chart: Chart) -> str:
    if chart.names:  # one thing may be of several kinds, and others are left out
        return ""
    totals = "".join(_cell(line.total, "", chart.unit) for line in chart.lines)
    return f'<tfoot><tr><th scope="row">All</th>{totals}</tr></tfoot>'


def _named(names: Sequence[str]) -> list[str]:
    return [f'<tr><th scope="row">{escape(name)}</th>' for name in names]


@lru_cache(maxsize=64)
def _heads(columns: tuple[datetime, ...], grain: Grain) -> list[str]:
    """All charts of a page have the same."""
    return [
        f'<tr{_days(column, grain)}><th scope="row">{escape(words.column(column, grain))}</th>'
        for column in columns
    ]


def _cell(value: Value, address: str, unit: Unit) -> str:
    """address: escaped."""
    text = words.told(value, unit)  # of digits and signs alone
    shown = f'<a href="{address}">{text}</a>' if address else text
    # Where the text is no number to go on counting with, the cell has one beside it.
    if value is None or (unit in _PLAIN and isinstance(value, int)):
        return f"<td>{shown}</td>"
    return f'<td data-value="{value}">{shown}</td>'
