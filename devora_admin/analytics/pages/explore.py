"""One metric, broken down and filtered as asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from devora_admin.analytics import links
from devora_admin.analytics.charts.chart import Chart, Note, chart
from devora_admin.analytics.forms.explore import BREAKDOWN_LABELS, ExploreForm
from devora_admin.analytics.metrics import METRICS
from devora_admin.analytics.pages.people import Behind
from devora_admin.analytics.queries.series import series
from devora_admin.analytics.queries.table import Table
from devora_admin.analytics.rollups.dimensions import DIMENSIONS


@dataclass(frozen=True, slots=True)
class Explored:
    chart: Chart
    table: Table
    query: dict[str, str]
    """All that was asked, for addresses."""


def explored(form: ExploreForm, notes: Sequence[Note]) -> Explored:
    """Of a valid form. Raises InvalidInput for what cannot be asked together."""
    chosen, where, asked = form.chosen(), form.where(), form.range()
    metric, by = METRICS[chosen["metric"]], chosen["by"]
    grain = asked.grain
    is_crossed = len({*where, by} & set(DIMENSIONS)) > 1
    if (metric.kind in ("active", "customers") or is_crossed) and not asked.chosen:
        grain = asked.days_grain
    table = series(metric.name, span=asked.span, by=by, where=where, grain=grain)
    before = None
    if not by and (earlier := asked.span.before()):
        before = series(metric.name, span=earlier, where=where, grain=grain)
    query: dict[str, Any] = {**chosen, **where, **asked.query()}
    title = metric.label + (f" by {BREAKDOWN_LABELS[by].lower()}" if by else "")
    return Explored(
        chart(
            "explored", title, table, kind=chosen["kind"], before=before, notes=notes,
            links=Behind(by, where), csv_url=links.csv("explored", "explore", query),
        ),
        table,
        query,
    )  # fmt: skip
