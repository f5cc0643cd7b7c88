from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import localtime, make_aware

from devora_admin.core import clock

LATER_H = 3
MORNING = time(9)
CUSTOMER = "customer"


def times() -> dict[str, datetime]:
    """What is offered, by name, in the zone of the reader."""
    now = localtime(clock.now())
    day, to_monday = now.date(), 7 - now.weekday()

    def morning(days: int) -> datetime:
        return make_aware(datetime.combine(day + timedelta(days=days), MORNING))

    return {
        "later": localtime(clock.now() + timedelta(hours=LATER_H)),
        "tomorrow": morning(1),
        "monday": morning(to_monday),
    }


class SnoozeForm(forms.Form):
    """revision: the one the person saw."""

    until = forms.ChoiceField(label="Until", widget=forms.RadioSelect)
    at = forms.DateTimeField(
        label="Date and time",
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._times = times()
        until: Any = self.fields["until"]
        until.choices = [
            ("later", f"In {LATER_H} hours, {self._times['later']:%H:%M}"),
            ("tomorrow", f"Tomorrow, {MORNING:%H:%M}"),
            ("monday", f"Next Monday, {self._times['monday']:%-d %b, %H:%M}"),
            (CUSTOMER, "The customer replies"),
            ("at", "A date and time"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("until") == "at" and not data.get("at") and "at" not in self.errors:
            self.add_error("at", "Give the date and the time.")
        return data

    def wake_at(self) -> datetime | None:
        """None for when the customer replies. The form must be valid."""
        until = self.cleaned_data["until"]
        return self.cleaned_data["at"] if until == "at" else self._times.get(until)
