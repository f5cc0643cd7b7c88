from typing import Any

from django import forms

from devora_admin.staff.elevation import ProofForm
from devora_admin.users.services.texts import MAX_REASON


class EraseForm(ProofForm):
    """expected: what has to be typed."""

    typed = forms.CharField(
        max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        help_text="The other person sees it. It is forgotten with the customer.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["typed"].label = f"Type {expected} to confirm"


class DownloadForm(ProofForm):
    """Nothing but the proof, where it is asked for."""
