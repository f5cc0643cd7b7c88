"""The filters in use, each with the address of the list without it."""

from collections.abc import Mapping
from dataclasses import dataclass

from devora_admin.shell.listing.forms import ListFormBase, without


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    value: str
    without: str
    """The query string that is left, with its question mark."""


def chips(
    form: ListFormBase, labels: Mapping[str, str], *, shown: Mapping[str, str | Mapping[str, str]]
) -> list[Chip]:
    """labels: by field, in their order. shown: by field, what stands for a value, or for each."""
    found = []
    for name, label in labels.items():
        value = form.given.get(name, "").strip()
        if not value or value == form.UNSET.get(name):
            continue
        other = shown.get(name)
        if other:
            value = other if isinstance(other, str) else other.get(value, value)
        found.append(Chip(label, value, without(form.given, name)))
    return found
