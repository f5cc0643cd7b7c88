"""A chart's numbers as a file, plain enough to go on counting with."""

from collections.abc import Iterator

from devora_admin.analytics.charts.chart import Chart
from devora_admin.analytics.metrics import Value
from devora_admin.core.csv_lines import csv_lines


def lines_of(chart: Chart) -> Iterator[str]:
    header = [chart.of.lower() or chart.grain, *(line.label for line in chart.lines)]
    rows = (
        [column, *(_plain(line.values[at]) for line in chart.lines)]
        for at, column in enumerate(chart.names or [each.isoformat() for each in chart.columns])
    )
    return csv_lines(header, rows)


def name_of(chart: Chart, page: str) -> str:
    if chart.names:
        return f"{page}-{chart.name}.csv"
    first, last = chart.columns[0], chart.columns[-1]
    return f"{page}-{chart.name}-{first:%Y-%m-%d}-{last:%Y-%m-%d}.csv"


def _plain(value: Value) -> str:
    return "" if value is None else str(value)
