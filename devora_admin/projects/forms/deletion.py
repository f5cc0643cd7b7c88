"""The question before archived projects are deleted for good."""

import json
from typing import Any

from django import forms

from devora_admin.core.raw_bson import is_text, printable
from devora_admin.projects.services.deletion import phrase
from devora_admin.staff.elevation import ProofForm

MAX_REASON = 500


class DeleteForm(ProofForm):
    """chosen: JSON, either {"ids": […]} or {"filters": "a query string"}."""

    chosen = forms.CharField(max_length=300_000, widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=1, max_value=10**6, widget=forms.HiddenInput)
    typed = forms.CharField(
        max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        help_text="The other person sees it. Kept in the audit log.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = str(self["number"].value() or "")
        shown = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 0
        self.fields["typed"].label = f"Type “{phrase(shown)}” to confirm"

    def clean_chosen(self) -> dict[str, Any]:
        try:
            chosen = json.loads(self.cleaned_data["chosen"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("Select the projects again.") from error
        ids = chosen.get("ids", []) if isinstance(chosen, dict) else None
        filters = chosen.get("filters", "") if isinstance(chosen, dict) else None
        if not isinstance(ids, list) or not all(map(_is_storable, [filters, *ids])):
            raise forms.ValidationError("Select the projects again.")
        return {"ids": ids, "filters": filters if "filters" in chosen else None}


def _is_storable(value: object) -> bool:
    """Text without NUL and halves of characters, which JSON can write and no store takes."""
    return is_text(value) and "\0" not in value and printable(value) == value
