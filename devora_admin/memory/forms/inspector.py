"""The inspector's address read into what is to be shown."""

from django import forms

from devora_admin.memory.forms.search import KINDS
from devora_admin.memory.queries.inspector import Wanted
from devora_admin.shell.listing.chips import Chip, chips
from devora_admin.shell.listing.forms import ListFormBase

STANDINGS = {"": "Any decision", "pinned": "Pinned", "rejected": "Rejected"}


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

    def wanted(self, user_id: str) -> Wanted:
        """The form must be valid."""
        return Wanted(
            user_id,
            kinds=KINDS[self.text("kind")][1],
            project_id=self.text("project"),
            standing=self.text("standing"),
            text=self.text("q"),
        )


def chips_of(form: InspectorForm, *, project: str) -> list[Chip]:
    """project: what it is called."""
    return chips(form, {"project": "Project"}, shown={"project": project})
