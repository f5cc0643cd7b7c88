"""Whether customers come, get somewhere, and stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from devora_admin.analytics import links
from devora_admin.analytics.charts import words
from devora_admin.analytics.charts.chart import Chart, Note, Tile, chart
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.pages.people import Behind
from devora_admin.analytics.pages.reading import numbers
from devora_admin.analytics.queries import journeys
from devora_admin.analytics.queries.journeys import Cohort, Month, Step
from devora_admin.analytics.queries.several import several
from devora_admin.analytics.rollups.state import State
from devora_admin.core import clock

_TILES = ("signups", "mau", "wau", "dau")


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    level: int
    """0 to 4: how many of them, for the eye."""


@dataclass(frozen=True, slots=True)
class CohortRow:
    week: date
    customers: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Customers:
    tiles: list[Tile]
    charts: list[Chart]
    funnel: list[Step]
    cohorts: list[CohortRow]
    weeks: range
    months: list[tuple[Month, str]]
    """With the share that was lost, as text."""

    @property
    def is_empty(self) -> bool:
        return not any(tile.value for tile in self.tiles)


def customers(asked: Range, state: State, notes: Sequence[Note]) -> Customers:
    """Fifteen round trips."""
    found = numbers(_TILES, asked, state)
    grain = asked.days_grain
    by_plan = several(("mau",), span=asked.span, grain=grain, zone=state.zone, by="plan")["mau"]
    query = asked.query()
    today = clock.now().astimezone(state.zone).date()
    cohorts = journeys.retention(asked.span, today)
    longest = max((_length(cohort) for cohort in cohorts), default=0)
    return Customers(
        tiles=[found.tile(name) for name in _TILES],
        charts=[
            chart(
                "signups", "Sign-ups", found["signups"], kind="bar", notes=notes, links=Behind(),
                before=found.before.get("signups"),
                csv_url=links.csv("signups", "customers", query),
                explore_url=links.explore("signups", query),
            ),
            chart(
                "plans", "Active in 30 days, by plan", by_plan, kind="area", notes=notes,
                links=Behind("plan"), csv_url=links.csv("plans", "customers", query),
                explore_url=links.explore("mau", query, by="plan"),
            ),
        ],
        funnel=journeys.funnel(asked.span),
        cohorts=[_row(cohort, longest) for cohort in cohorts],
        weeks=range(longest),
        months=[
            (month, words.told(month.churn, "share"))
            for month in journeys.months(asked.span, today)
        ],
    )  # fmt: skip


def _length(cohort: Cohort) -> int:
    return sum(share is not None for share in cohort.kept)


def _row(cohort: Cohort, longest: int) -> CohortRow:
    return CohortRow(cohort.week, cohort.customers, [_cell(each) for each in cohort.kept[:longest]])


def _cell(share: float | None) -> Cell:
    if share is None:
        return Cell("", 0)
    return Cell(f"{share * 100:.0f} %", min(4, -(-int(share * 100) // 25)))
