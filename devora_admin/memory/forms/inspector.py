"""The inspector's address read into what is to be shown."""

from collections.abc import Iterable

from django import forms

from devora_admin.memory.forms.search import KINDS
from devora_admin.memory.preferences.decisions import ItemDecision
from devora_admin.memory.queries.inspector import Wanted
from devora_admin.shell.listing.chips import Chip, chips
from devora_admin.shell.listing.forms import ListFormBase

FORGOTTEN = "forgotten"
STANDINGS = {"": "Any decision", "pinned": "Pinned", "rejected": "Rejected",
             "corrected": "Corrected", FORGOTTEN: "Forgotten"}  # fmt: skip


class InspectorForm(ListFormBase):
    q = forms.CharField(label="Text", required=False, max_length=200)
    kind = forms.ChoiceField(
        required=False,
        choices=[(name, label) for name, (label, _) in KINDS.items()],
        error_messages={"invalid_choice": "There is no such kind."},
    )
    project = forms.CharField(label="Project", required=False, max_length=200)
    standing = forms.ChoiceField(
        label="Decision",
        required=False,
        choices=list(STANDINGS.items()),
        error_messages={"invalid_choice": "Choose one of the list."},
    )

    @property
    def is_of_forgotten(self) -> bool:
        return self.is_valid() and self.text("standing") == FORGOTTEN

    def wanted(self, user_id: str, corrected: Iterable[bytes]) -> Wanted:
        """The form must be valid. corrected: hashes of what says something else by now."""
        standing = self.text("standing")
        return Wanted(
            user_id,
            kinds=KINDS[self.text("kind")][1],
            project_id=self.text("project"),
            standing="" if standing == "corrected" else standing,
            sha256s=tuple(corrected) if standing == "corrected" else None,
            text=self.text("q"),
        )

    def fits(self, decision: ItemDecision) -> bool:
        """Whether something forgotten is asked for, as far as is still known of it."""
        kinds = KINDS[self.text("kind")][1]
        return (
            (not kinds or decision.kind in kinds)
            and self.text("project") in ("", decision.project_id)
            and self.text("q").casefold() in decision.path.casefold()
        )


def chips_of(form: InspectorForm, *, project: str) -> list[Chip]:
    """project: what it is called."""
    return chips(form, {"project": "Project"}, shown={"project": project})
