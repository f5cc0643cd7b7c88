from typing import Any

from django import forms

from devora_admin.staff.elevation import ProofForm
from devora_admin.staff.permissions import ROLES

_CHOICES = [(role, role.capitalize()) for role in ROLES]


def _why(label: str = "Why", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=500, required=required, widget=forms.Textarea(attrs={"rows": 2})
    )


class InviteForm(ProofForm):
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autofocus": True})
    )
    name = forms.CharField(max_length=120, required=False)
    role = forms.ChoiceField(choices=_CHOICES, initial="viewer")
    reason = _why()


class RoleForm(ProofForm):
    role = forms.ChoiceField(choices=_CHOICES)
    reason = _why()


class DisableForm(ProofForm):
    reason = _why()


class ConfirmForm(ProofForm):
    """The proof alone."""


class RecoveryForm(ProofForm):
    reset_second_factor = forms.BooleanField(
        label="Also remove the second factor: it is lost",
        required=False,
        help_text="Make sure it is them who asks: call them.",
    )

    def __init__(self, *args: Any, may_reset: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_reset:
            del self.fields["reset_second_factor"]
