"""The list's address read into what is asked for. Every mistake is named at its field."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from devora_admin.projects.queries.conditions import Filters, Sort
from devora_admin.projects.queries.listing import Listing

SORT_CHOICES: dict[str, tuple[Sort, bool]] = {
    "-updated": ("updated_at", True),
    "updated": ("updated_at", False),
    "-created": ("created_at", True),
    "created": ("created_at", False),
    "name": ("name", False),
    "-name": ("name", True),
}
DEFAULT_SORT = "-updated"
_EARLIEST, _LATEST = date(1970, 1, 2), date(2999, 12, 30)
_DATE_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class _Day(forms.DateField):
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


class ListForm(forms.Form):
    q = forms.CharField(label="Search", required=False, max_length=200)
    type = forms.CharField(label="Type", required=False, max_length=100)
    language = forms.CharField(label="Language", required=False, max_length=100)
    owner = forms.CharField(label="Owner", required=False, max_length=320)
    archived = forms.ChoiceField(
        label="Archived",
        required=False,
        choices=[("", "In use"), ("yes", "Archived"), ("any", "All")],
        error_messages={"invalid_choice": "Choose one of the list."},
    )
    created_from = _Day("Created from")
    created_to = _Day("to")
    updated_from = _Day("Updated from")
    updated_to = _Day("to")
    sort = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in SORT_CHOICES],
        error_messages={"invalid_choice": "There is no such order."},
        widget=forms.HiddenInput,
    )
    # The list has no page numbers; its pages are told by the row they start from.
    cursor = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def __init__(self, values: QueryDict) -> None:
        super().__init__(_with_defaults(values))
        self.given = values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, error in _misspelt(self.given, self.fields):
            self.add_error(name, error)
        for start, end in (("created_from", "created_to"), ("updated_from", "updated_to")):
            first, last = cleaned.get(start), cleaned.get(end)
            if first and last and first > last:
                self.add_error(end, "The end lies before the beginning.")
        return cleaned

    def listing(self) -> Listing:
        """The form must be valid. `owner` may still be an e-mail address."""
        get = self.cleaned_data.get
        sort, descending = SORT_CHOICES[get("sort") or DEFAULT_SORT]
        filters = Filters(
            q=get("q") or "",
            owner_id=get("owner") or "",
            project_type=get("type") or "",
            language=get("language") or "",
            created_from=_start(get("created_from")),
            created_before=_end(get("created_to")),
            updated_from=_start(get("updated_from")),
            updated_before=_end(get("updated_to")),
            archived=get("archived") or "no",
        )
        return Listing(filters, sort, descending)


def _with_defaults(values: QueryDict) -> Mapping[str, Any]:
    copy = values.copy()
    if copy.get("archived") == "no":
        copy["archived"] = ""
    return copy


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


def _start(day: date | None) -> datetime | None:
    return None if day is None else _midnight(day)


def _end(day: date | None) -> datetime | None:
    """The moment after a day that is included."""
    return None if day is None else _midnight(day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    local = datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
    return local.astimezone(UTC)
