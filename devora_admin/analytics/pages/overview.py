"""What the platform is doing and has done, in one look."""

from collections.abc import Sequence
from dataclasses import dataclass

from devora_admin.analytics import links
from devora_admin.analytics.charts.chart import Chart, Note, Tile, chart
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.pages.people import Behind
from devora_admin.analytics.pages.reading import numbers
from devora_admin.analytics.rollups.state import State

TILES = ("dau", "wau", "mau", "signups", "projects", "generations", "success_rate", "tokens",
         "cost", "latency_p50", "latency_p95", "saves", "deploys", "errors")  # fmt: skip
_CHARTS = {
    "active": ("Active customers", "line", ("mau", "wau", "dau")),
    "generations": ("Generations", "stack", ("completed", "failures")),
    "latency": ("Latency of generations", "line", ("latency_p95", "latency_p50")),
    "cost": ("Cost of generations", "bar", ("gen_cost",)),
    "growth": ("Sign-ups and projects", "line", ("projects", "signups")),
    "errors": ("Errors", "bar", ("errors",)),
}


@dataclass(frozen=True, slots=True)
class Overview:
    tiles: list[Tile]
    charts: list[Chart]

    @property
    def is_empty(self) -> bool:
        return not any(tile.value for tile in self.tiles)


def overview(asked: Range, state: State, notes: Sequence[Note]) -> Overview:
    """Ten round trips."""
    names = dict.fromkeys([*TILES, *(each for _, _, of in _CHARTS.values() for each in of)])
    found = numbers(list(names), asked, state)
    query = asked.query()
    return Overview(
        [found.tile(name) for name in TILES],
        [
            chart(
                name, title, *(found[each] for each in of), kind=kind, notes=notes,  # type: ignore[arg-type]  # literals above
                before=found.before.get(of[0]) if len(of) == 1 else None, links=Behind(),
                csv_url=links.csv(name, "overview", query),
                explore_url=links.explore(of[0], query),
            )
            for name, (title, kind, of) in _CHARTS.items()
        ],
    )  # fmt: skip
