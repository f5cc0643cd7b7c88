"""Forms of an issue. Lengths and choices are checked where the values are stored."""

from typing import Any

from django import forms

from devora_admin.support import states
from devora_admin.support.services import assigning


class SubjectForm(forms.Form):
    subject = forms.CharField(widget=forms.TextInput(attrs={"autofocus": True}))
    seen = forms.IntegerField(widget=forms.HiddenInput)


class NewIssueForm(forms.Form):
    """customer: an e-mail address or id. version and turn: of the project, as its pages count."""

    customer = forms.CharField(
        max_length=254,
        help_text="Type the beginning of a name or an e-mail address, or paste an id.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "customers-found"}),
    )
    project = forms.ChoiceField(required=False, help_text="Of this customer.")
    version = forms.IntegerField(
        required=False, min_value=1, max_value=10**9, help_text="By default as it is now."
    )
    turn = forms.IntegerField(
        required=False, min_value=1, max_value=10**9, help_text="Of its conversation."
    )
    subject = forms.CharField()
    text = forms.CharField(
        label="What the customer told us", widget=forms.Textarea(attrs={"rows": 8})
    )
    priority = forms.ChoiceField(choices=list(states.PRIORITIES.items()))
    assignee_id = forms.ChoiceField(label="Assignee", required=False)
    tags = forms.CharField(required=False, help_text="Separated by commas.")

    def __init__(self, *args: Any, projects: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].choices = [("", "No project"), *projects]  # type: ignore[attr-defined]
        people = [("", "Nobody"), *assigning.possible().items()]
        self.fields["assignee_id"].choices = people  # type: ignore[attr-defined]
        self.initial.setdefault("priority", "normal")
