"""Forms of what can be done to a customer. Lengths are checked where the values are stored."""

from datetime import datetime
from typing import Any

from django import forms

from devora_admin.staff.elevation import FOR_CHANGES, ProofForm
from devora_admin.users.services.subscription import MAX_DAYS, MAX_PLAN
from devora_admin.users.services.texts import MAX_REASON


def _reason(*, required: bool, focus: bool = False) -> forms.CharField:
    attrs: dict[str, Any] = {"rows": 2, "autofocus": focus}
    return forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        required=required,
        help_text="Kept in the audit log; the customer does not see it.",
        widget=forms.Textarea(attrs=attrs),
    )


def _expected() -> forms.CharField:
    """A value as the form first showed it."""
    return forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    reason = _reason(required=True, focus=True)


class SignOutForm(forms.Form):
    reason = _reason(required=False, focus=True)


class ResetLinkForm(ProofForm):
    reason = _reason(required=True, focus=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, within=FOR_CHANGES, **kwargs)


class IdentityForm(forms.Form):
    name = forms.CharField(
        required=False, max_length=20_000, widget=forms.TextInput(attrs={"autofocus": True})
    )
    email = forms.CharField(
        label="E-mail address",
        required=False,
        max_length=20_000,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The customer signs in with it. Nothing is sent to either address.",
    )
    expected_name = _expected()
    expected_email = _expected()


class PlanForm(forms.Form):
    plan = forms.CharField(
        max_length=MAX_PLAN,
        widget=forms.TextInput(
            attrs={"autofocus": True, "list": "plans-seen", "autocomplete": "off"}
        ),
        help_text="Any name; those in use are suggested.",
    )
    reason = _reason(required=False)
    expected = _expected()


class ExtendForm(forms.Form):
    """Either days or a day. expected: the end of the period as shown, in ISO 8601."""

    days = forms.IntegerField(
        label="Days to add",
        required=False,
        min_value=1,
        max_value=MAX_DAYS,
        widget=forms.NumberInput(attrs={"autofocus": True}),
        help_text="From the end of the period, or from now when that is past.",
    )
    day = forms.DateField(
        label="Or the last day",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = _reason(required=False)
    expected = _expected()

    def clean_expected(self) -> datetime | None:
        text = self.cleaned_data["expected"].strip()
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError("This form is damaged. Open it again.") from error
        if moment.tzinfo is None:
            raise forms.ValidationError("This form is damaged. Open it again.")
        return moment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and bool(data.get("days")) == bool(data.get("day")):
            raise forms.ValidationError("Give either a number of days or the last day.")
        return data
