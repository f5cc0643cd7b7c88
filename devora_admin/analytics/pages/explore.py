"""One metric, broken down and filtered as asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from devora_admin.analytics import links
from devora_admin.analytics.charts.chart import Chart, Note, chart
from devora_admin.analytics.forms.explore import ExploreForm
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
    alert_query: str
    """What an alert on it asks."""

    @property
    def saved(self) -> str:
        """The same, as a query."""
        return urlencode(self.query)


def explored(
    form: ExploreForm, notes: Sequence[Note], *, name: str = "explored", title: str = ""
) -> Explored:
    """Of a valid form. Raises InvalidInput for what cannot be asked together.

    name, title: of the chart on another page, from which it leads back here.
    """
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
    query = form.query()
    is_elsewhere = name != "explored"
    return Explored(
        chart(
            name, title or form.title(), table, kind=chosen["kind"], before=before, notes=notes,
            links=Behind(by, where), csv_url=links.csv("explored", "explore", query),
            explore_url=links.explore(metric.name, query) if is_elsewhere else "",
        ),
        table,
        query,
        urlencode({"metric": metric.name, **where}),
    )  # fmt: skip
