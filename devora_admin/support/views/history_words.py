"""What a change of an issue says, in words rather than as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from devora_admin.support import states

_LABELS = {
    "status": "Status", "wake_at": "Snoozed until", "priority": "Priority",
    "assignee_id": "Assignee", "tags": "Tags",
    "subject": "Subject", "resolution": "Resolution", "other": "Other issue", "kind": "As",
    "absorbed": "Merged in", "merged_into": "Merged into", "number": "Issue",
    "project_id": "Project", "source": "Source", "sequence": "Message",
}  # fmt: skip
"""Of what people know; the rest is for the machine."""
_NUMBERS = frozenset({"other", "absorbed", "merged_into", "number", "sequence"})
_WORDS = {"status": states.STATUSES, "priority": states.PRIORITIES}
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str | None
    """None where only what it is now is known."""
    after: str


def changes(before: Values, after: Values, people: Mapping[str, str]) -> list[Change]:
    """people: names of staff by id."""
    names = [name for name in _LABELS if name in before or name in after]
    return [
        Change(
            _LABELS[name],
            _shown(name, before[name], people) if name in before else None,
            _shown(name, after.get(name), people),
        )
        for name in names
    ]


def _shown(name: str, value: Any, people: Mapping[str, str]) -> str:
    if not value:
        return "nobody" if name == "assignee_id" else "nothing"
    if name == "assignee_id":
        return people.get(str(value), "somebody who left")
    if name in _WORDS:
        return _WORDS[name].get(str(value), str(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return str(value.get("text") or value.get("kind") or "something")
    if isinstance(value, datetime):
        return localtime(value).strftime("%-d %b %Y, %H:%M")
    return f"#{value}" if name in _NUMBERS else str(value)
