from typing import Any

from django import forms

from devora_admin.users.merging.preview import MergePreview
from devora_admin.users.merging.switch import Choices
from devora_admin.users.services.texts import MAX_REASON

_SIDES = [("kept", "kept"), ("absorbed", "absorbed")]


class OtherForm(forms.Form):
    """The other account as chosen from the suggestions (user_id), or as typed."""

    customer = forms.CharField(
        label="The other account",
        max_length=254,
        required=False,
        help_text="Type the beginning of a name or an e-mail address, or paste an id.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    user_id = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)


class MergeForm(forms.Form):
    """mark: of the preview that was shown. Choices come as name, email, subscription and take."""

    reason = forms.CharField(
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the audit log of both accounts.",
    )
    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = forms.ChoiceField(choices=_SIDES, required=False)
    email = forms.ChoiceField(choices=_SIDES, required=False)
    subscription = forms.ChoiceField(choices=_SIDES, required=False)

    def choices(self, preview: MergePreview) -> Choices:
        """Which of the clashes were answered with the absorbed account's value."""
        data: Any = self.data
        clashes = {clash.name for part in preview.joined for clash in part.clashes}
        return Choices(
            name=self.cleaned_data["name"] or "kept",
            email=self.cleaned_data["email"] or "kept",
            subscription=self.cleaned_data["subscription"] or "kept",
            take=frozenset(name for name in clashes if data.get(f"clash-{name}") == "absorbed"),
        )
