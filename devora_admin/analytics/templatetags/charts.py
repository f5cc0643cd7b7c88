"""The table a chart is drawn from. Made here and not in a template: a year of days has thousands of
cells, and a template takes twenty times as long for each."""

from collections.abc import Iterator

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from devora_admin.analytics.charts import words
from devora_admin.analytics.charts.chart import Chart, Line
from devora_admin.analytics.metrics import Unit, Value

register = template.Library()


@register.simple_tag
def chart_table(chart: Chart) -> SafeString:
    heads = "".join(
        f'<th scope="col" class="num"{" data-before" if line.is_before else ""}>'
        f"{escape(line.label)}</th>"
        for line in chart.lines
    )
    return format_html(
        '<table class="table table-sm chart-table mb-0" data-chart-table>'
        '<caption class="visually-hidden">{}</caption>'
        '<thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody>'
        '<tfoot><tr><th scope="row">All</th>{}</tr></tfoot></table>',
        chart.title,
        chart.grain.capitalize(),
        mark_safe(heads),  # noqa: S308 - escaped above
        mark_safe("".join(_rows(chart))),  # noqa: S308 - escaped below
        mark_safe("".join(_cell(line.total, "", chart.unit) for line in chart.lines)),  # noqa: S308
    )


def _rows(chart: Chart) -> Iterator[str]:
    for at, column in enumerate(chart.columns):
        cells = "".join(_of(line, at, chart.unit) for line in chart.lines)
        yield (
            f'<tr data-at="{column.isoformat()}"><th scope="row" class="nowrap">'
            f"{escape(words.column(column, chart.grain))}</th>{cells}</tr>"
        )


def _of(line: Line, at: int, unit: Unit) -> str:
    return _cell(line.values[at], line.links[at], unit)


def _cell(value: Value, url: str, unit: Unit) -> str:
    text = escape(words.told(value, unit))
    shown = f'<a href="{escape(url)}">{text}</a>' if url else text
    data = "" if value is None else f' data-value="{value}"'
    return f'<td class="num"{data}>{shown}</td>'
