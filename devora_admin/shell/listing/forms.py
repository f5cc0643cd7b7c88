"""A list's address read into what is asked for. Every mistake is named at its field."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils import timezone

from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.groups import Groups

_EARLIEST, _LATEST = date(1970, 1, 2), date(2999, 12, 30)
_DATE_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class Day(forms.DateField):
    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=_DATE_INPUT,
            error_messages={"invalid": "Give a date such as 2026-03-31."},
        )

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and not _EARLIEST <= day <= _LATEST:
            raise forms.ValidationError("Give a year between 1970 and 2999.")
        return day


class OpenChoice(forms.CharField):
    """Offers some values by their labels, and takes any text."""

    def __init__(self, label: str, offered: Mapping[str, str]) -> None:
        super().__init__(label=label, required=False, max_length=100)
        self.offered = offered
        self.choices = list(offered.items())

    def offer(self, given: str) -> None:
        label = self.offered.get(given, given.capitalize()[:40])
        self.choices = list({**self.offered, given: label}.items())


class ListFormBase(forms.Form):
    """What each list reads: search, order and page. A list adds its filters."""

    SORTS: ClassVar[Mapping[str, tuple[str, bool]]] = {}
    """Name in the address → field, and whether it descends. The first is the default."""
    DAYS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of fields: the first and the last day of a time."""
    UNSET: ClassVar[Mapping[str, str]] = {}
    """Values that mean the same as leaving their field out."""

    q = forms.CharField(label="Search", required=False, max_length=200)
    sort = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": "There is no such order."},
        widget=forms.HiddenInput,
    )
    # The list has no page numbers; its pages are told by the row they start from.
    cursor = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def __init__(self, values: QueryDict) -> None:
        super().__init__(self._with_defaults(values))
        self.given = values
        sort: Any = self.fields["sort"]
        sort.choices = [(name, name) for name in self.SORTS]

    def _with_defaults(self, values: QueryDict) -> Mapping[str, Any]:
        copy = values.copy()
        for name, unset in self.UNSET.items():
            if copy.get(name) == unset:
                copy[name] = ""
        return copy

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, error in _misspelt(self.given, self.fields):
            self.add_error(name, error)
        for start, end in self.DAYS:
            first, last = cleaned.get(start), cleaned.get(end)
            if first and last and first > last:
                self.add_error(end, "The end lies before the beginning.")
        return cleaned

    @property
    def default_sort(self) -> str:
        return next(iter(self.SORTS))

    def order(self) -> tuple[str, bool]:
        """Field, and whether it descends. The form must be valid."""
        return self.SORTS[self.cleaned_data.get("sort") or self.default_sort]

    def text(self, name: str) -> str:
        return self.cleaned_data.get(name) or ""

    def start(self, name: str) -> datetime | None:
        day = self.cleaned_data.get(name)
        return None if day is None else midnight(day)

    def end(self, name: str) -> datetime | None:
        """The moment after a day that is included."""
        day = self.cleaned_data.get(name)
        return None if day is None else midnight(day + timedelta(days=1))


class GroupedFormBase(ListFormBase):
    """Of a list that can be narrowed to a group a higher app knows of."""

    GROUPS: ClassVar[Groups]

    group = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def __init__(self, values: QueryDict) -> None:
        super().__init__(values)
        self.group_label = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if key := cleaned.get("group"):
            try:
                self.group_label = self.GROUPS.label(key)
            except InvalidInput as error:
                self.add_error(None, error.message)  # it has no field that a person sees
        return cleaned

    def kept(self) -> list[tuple[str, str]]:
        """What the list's own form hands on."""
        key = self.text("group") if self.is_valid() else ""
        return [("group", key)] if key else []

    def list_label(self) -> str:
        """Of the group, and whether not all of it are listed."""
        key = self.given.get("group", "").strip()
        if not key or not self.group_label:
            return self.group_label
        try:
            return self.GROUPS.label_of_list(key)
        except InvalidInput:  # what the rows are told as well, at their place
            return self.group_label


def checked(form: ListFormBase) -> None:
    """Raises InvalidInput for the first mistake."""
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInput(str(errors[0]), field=field)


def without(given: QueryDict, *names: str) -> str:
    """What stays of the address; a page link belongs to the filters it was made for."""
    left = given.copy()
    for name in (*names, "cursor"):
        left.pop(name, None)
    return "?" + left.urlencode()


def changed(given: QueryDict, **values: str) -> str:
    """The address with other values, from its first page."""
    left = given.copy()
    left.pop("cursor", None)
    for name, value in values.items():
        left[name] = value
    return "?" + left.urlencode()


def _misspelt(values: QueryDict, fields: Mapping[str, Any]) -> list[tuple[str | None, str]]:
    """What looks like a filter but is none: to ignore it would answer another question."""
    found: list[tuple[str | None, str]] = []
    for name, given in values.lists():
        base = name.partition("[")[0].partition(".")[0].partition("$")[0]
        if name in fields:
            if len(set(given)) > 1:
                found.append((name, "Give this once."))
        elif name == "page":
            found.append((None, "The list has no page numbers. Use Previous and Next."))
        elif base != name:
            where = base if base in fields else None
            found.append((where, f"“{name[:40]}” is not a filter. Give one plain value."))
    return found


def midnight(day: date) -> datetime:
    """When a day begins where the reader is."""
    local = datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
    return local.astimezone(UTC)
