"""What every page of charts reads: a range's numbers beside those of the time before."""

from collections.abc import Sequence
from dataclasses import dataclass

from devora_admin.analytics import links
from devora_admin.analytics.charts.chart import Tile
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.metrics import METRICS
from devora_admin.analytics.queries.several import Tables, several
from devora_admin.analytics.queries.table import Table
from devora_admin.analytics.rollups.state import State


@dataclass(frozen=True, slots=True)
class Numbers:
    """Both of the same metrics; nothing of a time before there were events."""

    asked: Range
    now: Tables
    before: Tables

    def tile(self, name: str) -> Tile:
        now, before = self.now[name], self.before.get(name)
        url = links.explore(name, self.asked.query())
        return Tile(METRICS[name], now.total, before.total if before else None, now.values, url)

    def __getitem__(self, name: str) -> Table:
        return self.now[name]


def numbers(names: Sequence[str], asked: Range, state: State) -> Numbers:
    now, before = (
        several(names, span=span, grain=asked.grain, zone=state.zone) if span else {}
        for span in (asked.span, asked.span.before())
    )
    return Numbers(asked, now, before)
