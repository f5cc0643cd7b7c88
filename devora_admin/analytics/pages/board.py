"""The charts of a board, each as explore shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import QueryDict

from devora_admin.analytics.boards.reading import BoardChart
from devora_admin.analytics.charts.chart import Chart, Note
from devora_admin.analytics.forms.explore import ExploreForm
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.pages.explore import explored
from devora_admin.core.errors import InvalidInput

_OF_RANGE = ("days", "first", "last", "grain")
NotesOf = Callable[[Range], Sequence[Note]]


@dataclass(frozen=True, slots=True)
class Piece:
    id: str
    title: str
    chart: Chart | None
    problem: str
    """Why there is no chart."""
    explore_query: str


def pieces(
    charts: Sequence[BoardChart], asked: Range | None, zone: ZoneInfo, notes_of: NotesOf
) -> list[Piece]:
    """Up to three round trips each. asked: instead of the time each was saved with."""
    return [_piece(chart, asked, zone, notes_of) for chart in charts]


def titles(charts: Sequence[BoardChart], zone: ZoneInfo) -> list[str]:
    """As `pieces` have them, without reading a number."""
    return [
        chart.title or _explored_title(ExploreForm(_query(chart, None), zone)) for chart in charts
    ]


def _explored_title(form: ExploreForm) -> str:
    return form.title() if form.is_valid() else "A chart that cannot be shown"


def _piece(chart: BoardChart, asked: Range | None, zone: ZoneInfo, notes_of: NotesOf) -> Piece:
    query = _query(chart, asked)
    form = ExploreForm(query, zone)
    if not form.is_valid():
        _, errors = next(iter(form.errors.items()))
        return Piece(chart.id, chart.title, None, str(errors[0]), query.urlencode())
    try:
        found = explored(form, notes_of(form.range()), name=chart.id, title=chart.title)
    except InvalidInput as error:
        return Piece(chart.id, chart.title, None, error.message, query.urlencode())
    return Piece(chart.id, found.chart.title, found.chart, "", query.urlencode())


def _query(chart: BoardChart, asked: Range | None) -> QueryDict:
    query = QueryDict(chart.query, mutable=True)
    if asked is not None:
        for name in _OF_RANGE:
            query.pop(name, None)
        query.update(asked.query())
    return query
