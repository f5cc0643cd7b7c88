"""What the charts of a page mark, for who looks at it, and the switches beside it."""

from dataclasses import dataclass

from django.http import HttpRequest

from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.notes import kinds, setup
from devora_admin.analytics.notes.marks import Marks, marks
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
    marks: Marks
    switches: list[Switch]
    may_add: bool


def marked(request: HttpRequest, asked: Range, state: State) -> Marked:
    """What the audit log knows is for who may read that."""
    may_audit = allowed(request, "audit.view")
    offered = {
        name: label
        for name, label in kinds.LABELS.items()
        if may_audit or name not in kinds.OF_AUDIT
    }
    shown = offered.keys() - asked.hidden
    found = marks(asked.span, asked.grain, state.zone, shown=shown)
    switches = [
        Switch(
            label, name in shown, changed(request.GET, hide=",".join(sorted(asked.hidden ^ {name})))
        )
        for name, label in offered.items()
    ]
    return Marked(found, switches, allowed(request, setup.MANAGE))
