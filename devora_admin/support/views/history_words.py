"""What a change of an issue says, in words rather than as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from devora_admin.staff.queries.audit_log import AuditLine
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


@dataclass(frozen=True, slots=True)
class HistoryLine:
    line: AuditLine
    sentence: str
    who: str
    icon: str
    changes: list[Change]


class _Icon(str):
    """Of an action, or of all whose names begin so. Named, as the build finds icons by it."""

    def __new__(cls, *, icon: str) -> "_Icon":
        return super().__new__(cls, icon)


_ICONS = {
    "issue.open": _Icon(icon="plus-lg"), "issue.follow_up": _Icon(icon="plus-lg"),
    "issue.reply": _Icon(icon="reply"), "issue.note": _Icon(icon="sticky"),
    "issue.customer_reply": _Icon(icon="person"), "issue.status": _Icon(icon="check-circle"),
    "issue.assignee": _Icon(icon="person-check"), "issue.priority": _Icon(icon="flag"),
    "issue.tags": _Icon(icon="tag"), "issue.subject": _Icon(icon="pencil"),
    "issue.macro": _Icon(icon="lightning-charge"), "issue.rule": _Icon(icon="sliders"),
    "issue.snooze": _Icon(icon="moon"), "issue.wake": _Icon(icon="moon"),
    "issue.merge": _Icon(icon="union"), "issue.absorb": _Icon(icon="union"),
    "issue.mail": _Icon(icon="send"), "issue.watch": _Icon(icon="eye"),
    "issue.unwatch": _Icon(icon="eye-slash"), "issue.link": _Icon(icon="link-45deg"),
    "issue.unlink": _Icon(icon="link-45deg"), "issue.rate": _Icon(icon="star"),
    "project.version": _Icon(icon="arrow-counterclockwise"), "project": _Icon(icon="box-seam"),
    "secrets": _Icon(icon="key"), "users.extend": _Icon(icon="calendar-plus"),
    "users": _Icon(icon="person"),
}  # fmt: skip
_PLAIN = _Icon(icon="clock-history")


def icon_of(action: str) -> str:
    """By the longest beginning of it that has one; what was undone by what that was."""
    name = action.removesuffix(".undo")
    while name and name not in _ICONS:
        name = name.rpartition(".")[0] or name.rpartition("_")[0]
    return _ICONS.get(name, _PLAIN)


def changes(
    before: Values, after: Values, people: Mapping[str, str], projects: Mapping[str, str]
) -> list[Change]:
    """people, projects: names by id. What is nothing and was nothing is left out."""
    known = {**people, **projects}
    names = [name for name in _LABELS if name in before or after.get(name)]
    return [
        Change(
            _LABELS[name],
            _shown(name, before[name], known) if name in before else None,
            _shown(name, after.get(name), known),
        )
        for name in names
    ]


def _shown(name: str, value: Any, known: Mapping[str, str]) -> str:
    if not value:
        return "nobody" if name == "assignee_id" else "nothing"
    if name == "assignee_id":
        return known.get(str(value), "somebody who left")
    if name == "project_id":
        return known.get(str(value)) or "one that is gone"
    if name in _WORDS:
        return _WORDS[name].get(str(value), str(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return str(value.get("text") or value.get("kind") or "something")
    if isinstance(value, datetime):
        return localtime(value).strftime("%-d %b %Y, %H:%M")
    return f"#{value}" if name in _NUMBERS else str(value)
