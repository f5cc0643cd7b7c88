from typing import Any

from django import forms
from django.core.validators import RegexValidator

from devora_admin.staff.elevation import ProofForm

_ONE_LINE = RegexValidator(r"[\x00-\x1f\x7f\u2028\u2029]", "Use one line.", inverse_match=True)


class NameForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        max_length=120,
        required=False,
        validators=[_ONE_LINE],
        help_text="Colleagues see it beside what you do.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "name"}),
    )


class _NewPassword(forms.Form):
    password = forms.CharField(
        label="New password",
        max_length=1024,
        strip=False,
        help_text="At least 12 characters. A few unrelated words are easy to keep in mind.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same again",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "password" in given and "again" in given and given["password"] != given["again"]:
            self.add_error("again", "The two are not the same.")
        return given


class PasswordForm(_NewPassword):
    current = forms.CharField(
        label="Current password",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("current", "password", "again")


class InviteForm(_NewPassword):
    name = forms.CharField(
        label="Your name",
        max_length=120,
        validators=[_ONE_LINE],
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    field_order = ("name", "password", "again")


class RecoveryForm(_NewPassword):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True


class TotpForm(ProofForm):
    """offered: the secret the QR code shows, sealed."""

    code = forms.CharField(
        label="Code from the app",
        max_length=16,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "code-field",
            }
        ),
    )
    offered = forms.CharField(max_length=500, widget=forms.HiddenInput)
    next = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label="Name of the passkey",
        max_length=60,
        validators=[_ONE_LINE],
        help_text="Such as the device it is kept on.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    credential = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)
    next = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=60, validators=[_ONE_LINE],
        widget=forms.TextInput(attrs={"autofocus": True}),
    )  # fmt: skip
