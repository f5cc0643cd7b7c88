"""What the models do: how much, how well, how fast and for how much."""

from collections.abc import Sequence
from dataclasses import dataclass

from devora_admin.analytics import links
from devora_admin.analytics.charts import words
from devora_admin.analytics.charts.chart import Chart, Note, Tile, chart
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.metrics import METRICS, Value
from devora_admin.analytics.pages.people import Behind
from devora_admin.analytics.pages.reading import numbers
from devora_admin.analytics.queries.several import Tables, several
from devora_admin.analytics.rollups.state import State

_TILES = ("generations", "success_rate", "latency_p50", "latency_p95", "gen_tokens", "gen_cost")
_COLUMNS = ("generations", "success_rate", "latency_p50", "latency_p95", "gen_tokens", "gen_cost")
_CHARTS = {
    "volume": ("Generations by model", "stack", "generations"),
    "success": ("Generations that succeed, by model", "line", "success_rate"),
    "latency": ("Latency by model, 95 of 100", "line", "latency_p95"),
    "cost": ("Cost by model", "stack", "gen_cost"),
}


@dataclass(frozen=True, slots=True)
class ModelRow:
    model: str
    cells: list[tuple[str, str]]
    """Label and text."""
    url: str


@dataclass(frozen=True, slots=True)
class Generations:
    tiles: list[Tile]
    charts: list[Chart]
    headers: list[str]
    models: list[ModelRow]

    @property
    def is_empty(self) -> bool:
        return not self.models


def generations(asked: Range, state: State, notes: Sequence[Note]) -> Generations:
    """Six round trips."""
    found = numbers(_TILES, asked, state)
    by_model = several(_COLUMNS, span=asked.span, grain=asked.grain, zone=state.zone, by="model")
    query = asked.query()
    return Generations(
        tiles=[found.tile(name) for name in _TILES],
        charts=[
            chart(
                name, title, by_model[metric], kind=kind, notes=notes, links=Behind("model"),  # type: ignore[arg-type]  # literals above
                csv_url=links.csv(name, "generations", query),
                explore_url=links.explore(metric, query, by="model"),
            )
            for name, (title, kind, metric) in _CHARTS.items()
        ],
        headers=[*(METRICS[name].label for name in _COLUMNS), "Cost each"],
        models=_models(by_model, query),
    )  # fmt: skip


def _models(tables: Tables, query: dict[str, str]) -> list[ModelRow]:
    totals: dict[str, dict[str, Value]] = {
        name: {row.label: row.total for row in tables[name].rows} for name in _COLUMNS
    }
    rows = []
    for model, count in totals["generations"].items():
        cells = [
            (METRICS[name].label, words.told(totals[name].get(model), METRICS[name].unit))
            for name in _COLUMNS
        ]
        cost = totals["gen_cost"].get(model)
        each = cost / count if cost is not None and count else None
        cells.append(("Cost each", words.told(each, "usd")))
        rows.append(ModelRow(model, cells, links.explore("generations", query, model=model)))
    return rows
