"""The report's address read into what is asked for. Every mistake is named at its field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.timezone import localdate

from devora_admin.core import clock
from devora_admin.shell.listing.forms import Day
from devora_admin.support.queries.happened import About
from devora_admin.support.reports.span import MOST_DAYS, Span, until
from devora_admin.support.reports.tables import COLUMNS, Order

NOBODY = "none"
LENGTHS = (7, 30, 90)
_USUAL = 30
_ONE_OF = {"invalid_choice": "Choose one of the list."}
_SORTS = [name for column in COLUMNS for name in (column, f"-{column}")]


class ReportForm(forms.Form):
    days = forms.ChoiceField(
        required=False,
        choices=[(str(days), f"Last {days} days") for days in LENGTHS],
        error_messages=_ONE_OF,
    )
    first = Day("From")
    last = Day("To")
    person = forms.ChoiceField(label="Person", required=False, error_messages=_ONE_OF)
    tag = forms.CharField(label="Tag", required=False, max_length=100)
    type = forms.CharField(label="Project type", required=False, max_length=100)
    sort = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in _SORTS],
        error_messages={"invalid_choice": "There is no such order."},
    )

    def __init__(self, values: QueryDict, people: Mapping[str, str]) -> None:
        """people: names by id."""
        super().__init__(values)
        offered = sorted(people.items(), key=lambda each: each[1].casefold())
        person: Any = self.fields["person"]
        person.choices = [("", "Anybody"), (NOBODY, "Nobody"), *offered]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if last and not first and "first" not in self.errors:
            self.add_error("first", "Give the first day, too.")
        elif first and "last" not in self.errors:
            self._check(Span(first, last or today()))
        return cleaned

    def _check(self, span: Span) -> None:
        if span.first > span.last:
            self.add_error("last", "The end lies before the beginning.")
        elif span.length > MOST_DAYS:
            told = f"A report covers {MOST_DAYS} days at most, and these are {span.length:,}."
            self.add_error("last", f"{told} Choose days closer together.")

    def span(self) -> Span:
        """The form must be valid."""
        if first := self.cleaned_data.get("first"):
            return Span(first, self.cleaned_data.get("last") or today())
        return until(today(), days=int(self.cleaned_data.get("days") or _USUAL))

    def about(self) -> About:
        person = self.cleaned_data.get("person") or None
        return About(
            assignee_id="" if person == NOBODY else person,
            tag=(self.cleaned_data.get("tag") or "").lower() or None,
            project_type=self.cleaned_data.get("type") or None,
        )

    def order(self) -> Order:
        sort = self.cleaned_data.get("sort") or ""
        return Order(sort.removeprefix("-"), sort.startswith("-")) if sort else Order()


def today() -> date:
    return localdate(clock.now())
