"""What the change stream tells of one write to a project, sorted by what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson.raw_bson import RawBSONDocument

from devora_admin.core import raw_bson
from devora_admin.core.consumers import Change
from devora_admin.core.raw_bson import DOCUMENT, Element

HISTORY = "conversation_history"


def length_and_role(field: str) -> dict[str, Any]:
    """Aggregation expression: of a conversation only its length and who spoke last."""
    last = {"$last": field}
    return {
        "$cond": [
            {"$isArray": field},
            {"n": {"$size": field}, "role": {"$let": {"vars": {"m": last}, "in": "$$m.role"}}},
            {"n": 0},
        ]
    }


# Conversations may have megabytes, and come with every message where the platform sets them whole.
VALUE = {
    "$cond": [
        {"$regexMatch": {"input": "$$field.k", "regex": f"^{HISTORY}"}},
        {
            "$cond": [
                {"$isArray": "$$field.v"},
                length_and_role("$$field.v"),
                {"role": "$$field.v.role"},
            ]
        },
        "$$field.v",
    ]
}
DOCUMENT_WITHOUT_TALK = {
    "$mergeObjects": ["$fullDocument", {HISTORY: length_and_role(f"$fullDocument.{HISTORY}")}]
}


@dataclass(slots=True)
class Told:
    at: datetime
    files: list[tuple[str, Any]] = field(default_factory=list)
    """Paths from `files` on, with their new values."""
    cut_to: int | None = None
    """The list of files became as short as this."""
    is_removed: bool = False
    """The whole list of files is gone."""
    metadata: Element | None = None
    metadata_gone: bool = False
    needs_reading: bool = False
    """It cannot be told from this alone what the project is now."""
    messages: int | None = None
    """How many messages the project's own history has now."""
    first_touched: int = 0
    """The first message that was set, where the list was not set as a whole."""
    role: str = ""
    """Of the last message, where one came."""
    edited_by: dict[str, Any] | None = None
    revision: Any = None
    has_time: bool = False
    """Whether `updated_at` moved on."""
    user_id: str | None = None

    @property
    def touches_content(self) -> bool:
        return bool(
            self.files
            or self.cut_to is not None
            or self.is_removed
            or self.metadata
            or self.metadata_gone
            or self.needs_reading
        )


def told_by(change: Change) -> Told:
    """Of an update."""
    told = Told(change.at)
    for path, value in change.set:
        _take(told, path, value)
    for path, length in change.cut:
        if path == "files":
            told.cut_to = length
        elif path.startswith(("files.", "metadata.")):
            told.needs_reading = True
    for path in change.removed:
        if path == "files":
            told.is_removed = True
        elif path == "metadata":
            told.metadata_gone = True
        elif path.startswith(("files.", "metadata.")):
            told.needs_reading = True
        elif path == HISTORY:
            told.messages = 0
    return told


def _take(told: Told, path: str, value: Any) -> None:
    head, _, rest = path.partition(".")
    if head == "files":
        told.files.append((path, value))
    elif head == "metadata":
        # Keys may hold dots, so a path below says for certain only that something changed.
        if rest:
            told.needs_reading = True
        else:
            told.metadata = as_element(value)
    elif head == HISTORY:
        _take_turn(told, rest, value)
    elif head == "edited_by":
        told.edited_by = mark_of(value) if not rest else told.edited_by
    elif path == "revision":
        told.revision = value
    elif path == "updated_at":
        told.has_time = True
    elif path == "user_id":
        told.user_id = value if raw_bson.is_text(value) else ""


def _take_turn(told: Told, rest: str, value: Any) -> None:
    if not rest:
        told.messages, told.role = int(value.get("n", 0)), role_of(value)  # 0: it is no list
    elif rest.isdigit():
        place = int(rest)
        first = place if told.messages is None else min(told.first_touched, place)
        told.first_touched = first
        if told.messages is None or place >= told.messages:
            told.messages, told.role = place + 1, role_of(value)


def role_of(message: Any) -> str:
    """ "user" and "assistant" for what the platform calls so, in either of its ways."""
    role = message.get("role") if isinstance(message, RawBSONDocument) else None
    return spoken_by(role)


def spoken_by(role: Any) -> str:
    return {"human": "user", "ai": "assistant"}.get(role, role) if raw_bson.is_text(role) else ""


def as_element(value: Any) -> Element:
    """A value of the stream as bytes, as it is stored."""
    if isinstance(value, RawBSONDocument):
        return Element(DOCUMENT, "", bytes(value.raw))
    return raw_bson.element(value)


_IN_A_MARK = ("kind", "id", "why", "turn", "version", "at", "revision")


def mark_of(value: Any) -> dict[str, Any] | None:
    """What of `edited_by` says whose a change is; None for what is no document."""
    if not isinstance(value, Mapping):
        return None
    found = {key: value.get(key) for key in _IN_A_MARK}
    return {key: each for key, each in found.items() if isinstance(each, str | int | datetime)}
