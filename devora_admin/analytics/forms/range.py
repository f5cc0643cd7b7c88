"""Which days, and how fine: read from the address, every mistake named at its field."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from devora_admin.analytics.notes.kinds import LABELS
from devora_admin.analytics.periods import GRAINS, Grain, Span, checked
from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.shell.listing.forms import Day

LENGTHS = (7, 30, 90, 365)
DEFAULT_DAYS = 30
_GRAINS = [("", "Fitting"), ("hour", "Hours"), ("day", "Days"), ("week", "Weeks"),
           ("month", "Months")]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Range:
    span: Span
    grain: Grain
    days: int
    """Counted back from today; 0 where the days were named."""
    chosen: str
    """The grain as it was asked for; "" where it was not."""
    latest: int = 0
    """How many days, where the last of them is today."""
    hidden: frozenset[str] = frozenset()
    """Kinds of notes that charts do not mark."""

    @property
    def days_grain(self) -> Grain:
        """For what is known by the day alone."""
        return "day" if self.grain == "hour" else self.grain

    def query(self) -> dict[str, str]:
        """For addresses that go on with this range."""
        found = (
            {"days": str(self.days)}
            if self.days
            else {"first": self.span.first.isoformat(), "last": self.span.last.isoformat()}
        )
        more = {"grain": self.chosen, "hide": ",".join(sorted(self.hidden))}
        return {**found, **{name: value for name, value in more.items() if value}}


class RangeForm(forms.Form):
    days = forms.IntegerField(
        required=False, min_value=1, max_value=3660, widget=forms.HiddenInput,
        error_messages={"invalid": "Give a number of days.",
                        "min_value": "Give a number of days from 1 to 3660.",
                        "max_value": "Give a number of days from 1 to 3660."},
    )  # fmt: skip
    first = Day("From")
    last = Day("To")
    grain = forms.ChoiceField(
        label="Points", required=False, choices=_GRAINS,
        error_messages={"invalid_choice": "Choose hours, days, weeks or months."},
    )  # fmt: skip
    hide = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    _range: Range

    def __init__(self, values: QueryDict, zone: ZoneInfo) -> None:
        """zone: whose days are meant."""
        super().__init__(values)
        self._zone = zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self._range = self._read(cleaned)
            except InvalidInput as error:
                field = {"from": "first", "to": "last"}.get(error.field or "", error.field)
                self.add_error(field if field in self.fields else None, str(error))
        return cleaned

    def range(self) -> Range:
        """Of a valid form."""
        return self._range

    def _read(self, cleaned: dict[str, Any]) -> Range:
        today = clock.now().astimezone(self._zone).date()
        first, last = cleaned.get("first"), cleaned.get("last")
        days = 0
        if first or last:
            last = last or today
            first = first or last - timedelta(days=DEFAULT_DAYS - 1)
        else:
            days = cleaned.get("days") or DEFAULT_DAYS
            first, last = today - timedelta(days=days - 1), today
        span, chosen = Span(first, last), cleaned.get("grain") or ""
        grain = next((each for each in GRAINS if each == chosen), fitting(span))
        latest = span.days if span.last == today else 0
        hidden = frozenset((cleaned.get("hide") or "").split(",")) & LABELS.keys()
        return Range(checked(span, grain), grain, days, chosen, latest, hidden)


def fitting(span: Span) -> Grain:
    """So that a chart has some 30 to 90 points."""
    if span.days <= 2:
        return "hour"
    if span.days <= 92:
        return "day"
    return "week" if span.days <= 731 else "month"
