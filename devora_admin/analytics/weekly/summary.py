"""What was in a week, beside the week before."""

from dataclasses import dataclass
from datetime import date

from devora_admin.analytics.alerts.documents import alerts, happened
from devora_admin.analytics.alerts.rule import MOST
from devora_admin.analytics.charts.chart import Tile
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.pages.overview import TILES
from devora_admin.analytics.pages.reading import numbers
from devora_admin.analytics.periods import DAY, Span, begin
from devora_admin.analytics.rollups.state import State

MOST_FIRED = 20
_NOTABLE, _MOST_NOTABLE = 0.25, 3
_FEWEST = 20
"""Of a count, in the larger of both weeks: less changes by itself."""


@dataclass(frozen=True, slots=True)
class Summary:
    span: Span
    tiles: list[Tile]
    notable: list[Tile]
    fired: list[tuple[str, int]]
    """Names of alerts, and how often."""

    @property
    def title(self) -> str:
        first, last = self.span.first, self.span.last
        return f"The week from {first.day} {first:%b} to {last.day} {last:%b %Y}"


def summary(monday: date, known: State) -> Summary:
    """Of the week before that Monday."""
    span = Span(monday - 7 * DAY, monday - DAY)
    found = numbers(TILES, Range(span, "day", 0, ""), known)
    tiles = [found.tile(name) for name in TILES]
    notable = sorted((each for each in tiles if _moved(each) >= _NOTABLE), key=_moved, reverse=True)
    return Summary(span, tiles, notable[:_MOST_NOTABLE], _fired(span, known))


def _moved(tile: Tile) -> float:
    """By what share of what it was."""
    if not tile.value or not tile.before:
        return 0.0
    if tile.metric.unit == "count" and max(tile.value, tile.before) < _FEWEST:
        return 0.0
    return abs(tile.value - tile.before) / tile.before


def _fired(span: Span, known: State) -> list[tuple[str, int]]:
    during = {"$gte": begin(span.first, known.zone), "$lt": begin(span.last + DAY, known.zone)}
    names = {row["_id"]: row["name"] for row in alerts().find({}, {"name": 1}).limit(MOST)}
    rows = happened().aggregate(
        [
            {"$match": {"rule_id": {"$in": list(names)}, "at": during, "kind": "fired"}},
            {"$sortByCount": "$rule_id"},
            {"$limit": MOST_FIRED},
        ]
    )
    return [(names[row["_id"]], row["count"]) for row in rows]
