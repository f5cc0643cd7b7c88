from collections.abc import Mapping
from typing import Any

from django import forms

from devora_admin.support.forms.canned import words_in
from devora_admin.support.queries.macros import ME, NOBODY, SNOOZES
from devora_admin.support.services.canned import MAX_TEXT
from devora_admin.support.services.macro_setup import MAX_NAME
from devora_admin.support.services.texts import MAX_TEXT as MAX_MESSAGE
from devora_admin.support.states import PRIORITIES, STATUSES

STAYS = ("", "Stays as it is")


def _tags(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=1000, help_text="Separated by commas."
    )


class MacroForm(forms.Form):
    """people: who works on issues, by id. revision: the one the person saw."""

    name = forms.CharField(max_length=MAX_NAME, widget=forms.TextInput(attrs={"autofocus": True}))
    status = forms.ChoiceField(required=False, choices=[STAYS, *STATUSES.items()])
    snooze_h = forms.TypedChoiceField(
        label="Or snooze for", required=False, coerce=int, empty_value=0,  # type: ignore[arg-type]
        choices=[(hours, name or "No snooze") for hours, name in SNOOZES.items()],
    )  # fmt: skip
    priority = forms.ChoiceField(required=False, choices=[STAYS, *PRIORITIES.items()])
    assignee = forms.ChoiceField(required=False)
    add_tags = _tags("Tags to add")
    remove_tags = _tags("Tags to remove")
    text = forms.CharField(
        label="What it writes", required=False, max_length=MAX_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    is_note = forms.BooleanField(label="As a note that only staff see", required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee: Any = self.fields["assignee"]
        fixed = [STAYS, (ME, "Who applies it"), (NOBODY, "Nobody")]
        assignee.choices = [*fixed, *people.items()]

    def values(self) -> dict[str, Any]:
        """As services.macro_setup takes them. The form must be valid."""
        data = {key: value for key, value in self.cleaned_data.items() if key != "revision"}
        tags = {key: words_in(data[key]) for key in ("add_tags", "remove_tags")}
        return data | tags


class ApplyForm(forms.Form):
    """What a macro writes, looked over, and what the person saw of issue, thread and macro."""

    text = forms.CharField(
        max_length=MAX_MESSAGE, strip=False,
        widget=forms.Textarea(attrs={"rows": 9}),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput)
    revision = forms.IntegerField(widget=forms.HiddenInput)
    macro_revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        """label: of the text; "" where nothing is written."""
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label
        if not label:
            del self.fields["text"]
