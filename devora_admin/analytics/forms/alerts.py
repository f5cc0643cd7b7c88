from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django import forms

from devora_admin.analytics.alerts.rule import (
    CONDITIONS,
    FEWEST_WEEKS,
    MOST_WEEKS,
    WINDOWS,
    Rule,
)
from devora_admin.analytics.alerts.setup import MAX_NAME, MOST_IN_ROW
from devora_admin.analytics.forms.explore import FILTERS, FilterForm
from devora_admin.analytics.metrics import METRICS
from devora_admin.core import clock

FOR_GOOD = "for_good"
_MUTES = [("1", "For an hour"), ("8", "For eight hours"), ("24", "For a day"),
          ("168", "For a week"), (FOR_GOOD, "Until somebody lets it be heard again")]  # fmt: skip


class AlertForm(FilterForm):
    """possible: who sees analytics, by id. revision: the one the person saw."""

    name = forms.CharField(max_length=MAX_NAME)
    metric = forms.ChoiceField(choices=[(metric.name, metric.label) for metric in METRICS.values()])
    lasting = forms.ChoiceField(label="Time", choices=list(WINDOWS.items()))
    condition = forms.ChoiceField(label="Fires when it", choices=list(CONDITIONS.items()))
    number = forms.FloatField(
        label="Number", min_value=0,
        help_text="A count, dollars or milliseconds as the metric has it; per cent for a share and "
        "for what is usual.",
    )  # fmt: skip
    weeks = forms.IntegerField(
        label="Weeks before that tell what is usual", min_value=FEWEST_WEEKS, max_value=MOST_WEEKS,
        initial=MOST_WEEKS,
    )  # fmt: skip
    least = forms.FloatField(
        label="Least volume", min_value=0, initial=0, required=False,
        help_text="Nothing is told of less: of the metric itself, or of the generations a share or "
        "a latency is of.",
    )  # fmt: skip
    in_row = forms.IntegerField(
        label="Times in a row", min_value=1, max_value=MOST_IN_ROW, initial=1,
        help_text="Before it fires, and before it is over.",
    )  # fmt: skip
    people = forms.MultipleChoiceField(label="E-mail to", required=False)
    is_active = forms.BooleanField(label="In use", required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, possible: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.choices = list(possible.items())

    def values(self) -> dict[str, Any]:
        """As alerts.setup takes them. The form must be valid."""
        left = {"revision", *FILTERS}
        data = {name: value for name, value in self.cleaned_data.items() if name not in left}
        return {**data, "where": self.where(), "least": data["least"] or 0.0}


class MuteForm(forms.Form):
    until = forms.ChoiceField(label="Mute", choices=_MUTES)

    def end(self) -> datetime | None:
        """None for good. The form must be valid."""
        chosen = self.cleaned_data["until"]
        return None if chosen == FOR_GOOD else clock.now() + timedelta(hours=int(chosen))


def initial_of(rule: Rule, possible: Mapping[str, str]) -> dict[str, Any]:
    """Without people who do not see analytics any more."""
    kept = [each for each in rule.people if each in possible]
    return {**asdict(rule), **rule.where, "people": kept}
