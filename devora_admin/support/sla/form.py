"""The form of what is promised: every value as people write it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django import forms

from devora_admin.core.errors import InvalidInput
from devora_admin.support import states
from devora_admin.support.sla import checking, texts
from devora_admin.support.sla.hours import Shift
from devora_admin.support.sla.policy import WEEKDAYS, Holiday, Policy, Targets

T = TypeVar("T")
_HOURS = {"placeholder": "Closed", "autocomplete": "off", "inputmode": "text"}
_NOTHING = {"placeholder": "None", "autocomplete": "off"}


class PolicyForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31)
    zone = forms.CharField(
        label="Time zone", max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )  # fmt: skip
    holidays = forms.CharField(
        label="Holidays", required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="One a line, such as 2026-12-25 Christmas. Nothing counts on these days.",
    )  # fmt: skip
    warn_percent = forms.IntegerField(
        label="Warn while there is left, in % of the time",
        min_value=0, max_value=checking.MOST_PERCENT,
        help_text="25 warns of a promise of 4 h when 1 h is left. 0 warns of none.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, shown: Policy | None = None) -> None:
        super().__init__(data, initial=_initial(shown) if shown else None)
        for day, name in enumerate(WEEKDAYS):
            self.fields[f"day_{day}"] = _text(name, _HOURS, longest=200)
        for priority, label in states.PRIORITIES.items():
            for kind, name in checking.KINDS.items():
                self.fields[f"{kind}_{priority}"] = _text(f"{name}, {label}", _NOTHING, longest=30)

    def clean(self) -> dict[str, Any]:
        """With `policy`, unless something is wrong; what is, is said at every field that is."""
        given: dict[str, Any] = self.cleaned_data
        zone = self._read("zone", lambda text: checking.check_zone(text.strip())) or ""
        week = tuple(self._read(f"day_{day}", _day_reader(day)) or () for day in range(7))
        holidays = self._read("holidays", _holidays) or ()
        targets = {name: self._targets(name) for name in states.PRIORITIES}
        if not self.errors:
            self._take(Policy(zone, week, holidays, targets, given["warn_percent"]))
        return given

    def _take(self, policy: Policy) -> None:
        try:
            checking.check(policy)
        except InvalidInput as error:
            self.add_error(error.field, error.message)
        else:
            self.cleaned_data["policy"] = policy

    def _targets(self, priority: str) -> Targets:
        first, last = (
            self._read(f"{kind}_{priority}", _target_reader(f"{kind}_{priority}"))
            for kind in checking.KINDS
        )
        return Targets(first, last)

    def _read(self, name: str, read: Callable[[str], T]) -> T | None:
        if name in self.errors:
            return None
        try:
            return read(self.cleaned_data.get(name, ""))
        except InvalidInput as error:
            self.add_error(name, error.message)
            return None

    @property
    def days(self) -> list[Any]:
        return [self[f"day_{day}"] for day in range(len(WEEKDAYS))]

    @property
    def rows(self) -> list[tuple[str, str, list[Any]]]:
        """Priority, label and its two fields, the most urgent first."""
        return [
            (name, label, [self[f"{kind}_{name}"] for kind in checking.KINDS])
            for name, label in reversed(states.PRIORITIES.items())
        ]


def _day_reader(day: int) -> Callable[[str], tuple[Shift, ...]]:
    return lambda text: checking.check_day(texts.shifts_from(text, day=day), day=day)


def _holidays(text: str) -> tuple[Holiday, ...]:
    return checking.check_holidays(texts.holidays_from(text))


def _target_reader(field: str) -> Callable[[str], int | None]:
    return lambda text: checking.check_minutes(texts.minutes_from(text, field=field), field=field)


def _text(label: str, attrs: Mapping[str, Any], *, longest: int) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=longest, widget=forms.TextInput(attrs=dict(attrs))
    )


def _initial(policy: Policy) -> dict[str, Any]:
    values: dict[str, Any] = {
        "seen": policy.revision,
        "zone": policy.zone,
        "holidays": texts.holidays_text(policy.holidays),
        "warn_percent": policy.warn_percent,
    }
    for day, shifts in enumerate(policy.week):
        values[f"day_{day}"] = texts.shifts_text(shifts)
    for priority in states.PRIORITIES:
        for kind in checking.KINDS:
            minutes = getattr(policy.of(priority), kind)
            values[f"{kind}_{priority}"] = texts.length_text(minutes)
    return values
