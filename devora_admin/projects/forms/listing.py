"""The list's address read into what is asked for."""

from django import forms

from devora_admin.projects.groups import PROJECTS
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import Listing
from devora_admin.shell.listing.chips import Chip, chips
from devora_admin.shell.listing.forms import Day, GroupedFormBase

_ARCHIVED = {"yes": "Archived only", "any": "In use and archived"}
_CHIPS = {
    "q": "Search", "owner": "Owner", "type": "Type", "language": "Language",
    "archived": "Show", "created_from": "Created from", "created_to": "Created to",
    "updated_from": "Updated from", "updated_to": "Updated to", "group": "Group",
}  # fmt: skip


class ListForm(GroupedFormBase):
    SORTS = {
        "-updated": ("updated_at", True),
        "updated": ("updated_at", False),
        "-created": ("created_at", True),
        "created": ("created_at", False),
        "name": ("name", False),
        "-name": ("name", True),
    }
    GROUPS = PROJECTS
    DAYS = (("created_from", "created_to"), ("updated_from", "updated_to"))
    UNSET = {"archived": "no"}

    type = forms.CharField(label="Type", required=False, max_length=100)
    language = forms.CharField(label="Language", required=False, max_length=100)
    owner = forms.CharField(label="Owner", required=False, max_length=320)
    archived = forms.ChoiceField(
        label="Archived",
        required=False,
        choices=[("", "In use"), ("yes", "Archived"), ("any", "All")],
        error_messages={"invalid_choice": "Choose one of the list."},
    )
    created_from = Day("Created from")
    created_to = Day("to")
    updated_from = Day("Updated from")
    updated_to = Day("to")

    def listing(self) -> Listing:
        """The form must be valid. `owner` may still be an e-mail address."""
        sort, descending = self.order()
        filters = Filters(
            q=self.text("q"),
            owner_id=self.text("owner"),
            project_type=self.text("type"),
            language=self.text("language"),
            created_from=self.start("created_from"),
            created_before=self.end("created_to"),
            updated_from=self.start("updated_from"),
            updated_before=self.end("updated_to"),
            archived=self.text("archived") or "no",  # type: ignore[arg-type]
            group=self.text("group"),
        )
        return Listing(filters, sort, descending)  # type: ignore[arg-type]


def chips_of(form: ListForm, *, owner_label: str = "") -> list[Chip]:
    return chips(
        form,
        _CHIPS,
        shown={"archived": _ARCHIVED, "owner": owner_label, "group": form.list_label()},
    )
