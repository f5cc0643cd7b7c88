"""One issue, as pages show it and services name it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.support.documents import issues

_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the project was when the issue was reported; None where that is not known."""

    revision: int | None = None
    version: int | None = None
    turn: int | None = None
    """Of the conversation, counted from 0 over the whole thread."""


@dataclass(frozen=True, slots=True)
class Link:
    number: int
    kind: str
    """related, duplicate, follow_up, followed_by or merged."""


@dataclass(frozen=True, slots=True)
class Issue:
    id: str
    number: int
    subject: str
    user_id: str
    project_id: str
    """"" when it is about none."""
    pinned: Pinned
    status: str
    priority: str
    assignee_id: str
    """"" for nobody."""
    tags: tuple[str, ...]
    watchers: tuple[str, ...]
    links: tuple[Link, ...]
    source: str
    """staff, api, scan or spike."""
    merged_into: int | None
    resolution: str
    created_at: datetime
    updated_at: datetime
    first_replied_at: datetime | None
    resolved_at: datetime | None
    wake_at: datetime | None
    """When it is opened again, of one that is snoozed."""
    revision: int
    """What a change of its fields is conditional on, as `seen`."""
    sequence: int
    """Of the last message: what a reply is conditional on, as `seen`."""


def issue(number: int) -> Issue:
    """Raises NotFound."""
    return issue_of(row_of(number))


def row_of(number: int, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """Raises NotFound."""
    row = issues().find_one({"number": number}, fields) if is_number(number) else None
    if row is None:
        raise NotFound("issue", str(number))
    return row


def id_of(number: int) -> str:
    """Raises NotFound."""
    return str(row_of(number, {"_id": 1})["_id"])


def is_number(value: object) -> bool:
    return type(value) is int and 0 < value < _LARGEST


def issue_of(row: dict[str, Any]) -> Issue:
    merged = row.get("merged_into")
    return Issue(
        id=row["id"],
        number=row["number"],
        subject=row["subject"],
        user_id=row["user_id"],
        project_id=row["project_id"],
        pinned=Pinned(**row["pinned"]),
        status=row["status"],
        priority=row["priority"],
        assignee_id=row["assignee_id"],
        tags=tuple(row["tags"]),
        watchers=tuple(row["watchers"]),
        links=tuple(Link(each["number"], each["kind"]) for each in row["links"]),
        source=row["source"]["kind"],
        merged_into=merged["number"] if merged else None,
        resolution=(row.get("resolution") or {}).get("text", ""),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        first_replied_at=row.get("first_replied_at"),
        resolved_at=row.get("resolved_at"),
        wake_at=row.get("wake_at"),
        revision=row["revision"],
        sequence=row["sequence"],
    )
