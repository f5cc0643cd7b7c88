"""The filters in use, each with the address of the list without it."""

from dataclasses import dataclass

from django.http import QueryDict

from devora_admin.projects.forms.listing import ListForm

_LABELS = {
    "q": "Search", "owner": "Owner", "type": "Type", "language": "Language",
    "archived": "Show", "created_from": "Created from", "created_to": "Created to",
    "updated_from": "Updated from", "updated_to": "Updated to",
}  # fmt: skip
_ARCHIVED = {"yes": "Archived only", "any": "In use and archived"}


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    value: str
    without: str
    """The query string that is left, with its question mark."""


def chips(form: ListForm, *, owner_label: str = "") -> list[Chip]:
    found = []
    for name, label in _LABELS.items():
        value = form.given.get(name, "").strip()
        if not value or (name == "archived" and value == "no"):
            continue
        if name == "archived":
            value = _ARCHIVED.get(value, value)
        if name == "owner" and owner_label:
            value = owner_label
        found.append(Chip(label, value, without(form.given, name)))
    return found


def without(given: QueryDict, *names: str) -> str:
    """What stays of the address; a page link belongs to the filters it was made for."""
    left = given.copy()
    for name in (*names, "cursor"):
        left.pop(name, None)
    return "?" + left.urlencode()
