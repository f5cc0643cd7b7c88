"""What the charts of a page mark, for who looks at it, and the switches beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from devora_admin.analytics.charts.chart import Note
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.notes import kinds, setup
from devora_admin.analytics.notes.marks import Marks, marks
from devora_admin.analytics.periods import Grain, Span
from devora_admin.analytics.rollups.state import State
from devora_admin.shell.listing.forms import changed
from devora_admin.staff.permissions import allowed


@dataclass(frozen=True, slots=True)
class Switch:
    label: str
    is_shown: bool
    url: str
    """Of the page with this turned."""


@dataclass(frozen=True, slots=True)
class Marked:
    switches: list[Switch]
    may_add: bool
    marks: Marks | None = None
    """None where each chart has a time of its own."""

    @property
    def notes(self) -> Sequence[Note]:
        return self.marks.notes if self.marks else ()


class Marking:
    """Of one page: what is marked in a time is read once, for all charts of that time."""

    def __init__(self, request: HttpRequest, hidden: frozenset[str], state: State) -> None:
        self._request, self._hidden, self._zone = request, hidden, state.zone
        may_audit = allowed(request, "audit.view")
        self._offered = {
            name: label
            for name, label in kinds.LABELS.items()
            if may_audit or name not in kinds.OF_AUDIT
        }
        self._found: dict[tuple[Span, Grain], Marks] = {}

    def of(self, asked: Range) -> Marks:
        key = (asked.span, asked.grain)
        if key not in self._found:
            shown = self._offered.keys() - self._hidden
            self._found[key] = marks(asked.span, asked.grain, self._zone, shown=shown)
        return self._found[key]

    def switches(self) -> list[Switch]:
        return [
            Switch(label, name not in self._hidden, self._turned(name))
            for name, label in self._offered.items()
        ]

    def _turned(self, name: str) -> str:
        return changed(self._request.GET, hide=",".join(sorted(self._hidden ^ {name})))


def marked(request: HttpRequest, asked: Range, state: State) -> Marked:
    """What the audit log knows is for who may read that."""
    marking = Marking(request, asked.hidden, state)
    return Marked(marking.switches(), allowed(request, setup.MANAGE), marking.of(asked))
