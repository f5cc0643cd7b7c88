"""Lists of issues: page by page from an index, whose order needs no sorting.

Every list is a range of one index: what is asked for is equal in its first fields, the order is the
rest. Several statuses are several ranges, which MongoDB merges as it reads.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.patience import patience
from devora_admin.core.pagination import Cursor, Direction, decode_cursor, encode_cursor
from devora_admin.support import states
from devora_admin.support.documents import issues
from devora_admin.support.queries import happened
from devora_admin.support.queries.happened import Happened

PAGE_SIZE = 50
MOST_COUNTED = 10_000
_TOO_SLOW = "This takes too long. Choose fewer statuses, or one tag or assignee."
_FIELDS = {
    "number": 1, "subject": 1, "user_id": 1, "project_id": 1, "status": 1, "priority": 1,
    "assignee_id": 1, "tags": 1, "source.kind": 1, "sequence": 1, "created_at": 1, "updated_at": 1,
    "latest.kind": 1, "urgency": 1,
}  # fmt: skip

Order = Literal["updated", "urgency"]
_KEYS: dict[str, str] = {"updated": "updated_at", "urgency": "urgency"}
Condition = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    statuses: tuple[str, ...] = tuple(states.STATUSES)
    priority: str = ""
    assignee_id: str | None = None
    """"" is nobody, None anybody."""
    tag: str = ""
    user_id: str = ""
    project_id: str = ""
    watcher_id: str = ""
    happened: Happened = field(default_factory=Happened)
    """Bounds the list in time, and gives it that order."""


@dataclass(frozen=True, slots=True)
class IssueRow:
    number: int
    subject: str
    user_id: str
    project_id: str
    status: str
    priority: str
    assignee_id: str
    tags: tuple[str, ...]
    source: str
    sequence: int
    is_answered: bool
    """Whether staff said the last word."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class InboxPage:
    rows: list[IssueRow]
    previous: str
    """A cursor, or "" on the first page."""
    next: str


def inbox_page(
    filters: Filters, *, order: Order = "updated", cursor: str = "", size: int = PAGE_SIZE
) -> InboxPage:
    """The latest or the most urgent first; one round trip, two by what customers were asked.
    Raises InvalidInput."""
    # Those of one priority stand in the order of time there, too.
    key = filters.happened.key or ("urgency" if filters.priority else _KEYS[order])
    scope = f"inbox:{key}"
    at = decode_cursor(cursor, scope=scope) if cursor else None
    is_backward = at is not None and at.direction == "before"
    sign = 1 if is_backward else -1
    with patience(_TOO_SLOW):
        condition = condition_of(filters)
        if at is not None:
            condition = {"$and": [condition, _beyond(key, at, sign)]}
        cursor_ = (
            issues().find(condition, {**_FIELDS, key: 1}).sort([(key, sign), ("number", sign)])
        )
        found = list(cursor_.limit(size + 1))
    has_more, found = len(found) > size, found[:size]
    if is_backward:
        found.reverse()
    has_previous, has_next = (has_more, True) if is_backward else (at is not None, has_more)

    def mark(direction: Direction, row: dict[str, Any]) -> str:
        return encode_cursor(Cursor(direction, scope, (_value(row, key), row["number"])))

    return InboxPage(
        rows_of(found),
        previous=mark("before", found[0]) if found and has_previous else "",
        next=mark("after", found[-1]) if found and has_next else "",
    )


def count(filters: Filters) -> int:
    """At most MOST_COUNTED + 1, which means more."""
    with patience(_TOO_SLOW):
        return issues().count_documents(condition_of(filters), limit=MOST_COUNTED + 1)


def of_customer(user_id: str, *, limit: int = 20) -> list[IssueRow]:
    return inbox_page(Filters(user_id=user_id), size=limit).rows


def of_project(project_id: str, *, limit: int = 20) -> list[IssueRow]:
    return inbox_page(Filters(project_id=project_id), size=limit).rows


def condition_of(filters: Filters) -> Condition:
    """Raises InvalidInput for a status or priority there is not."""
    unknown = set(filters.statuses) - set(states.STATUSES)
    if unknown or not filters.statuses:
        raise InvalidInput("Choose a status from the list.", field="status")
    condition: Condition = happened.condition(
        filters.happened, assignee_id=filters.assignee_id, tag=filters.tag
    )
    for name, wanted in (
        ("user_id", filters.user_id),
        ("project_id", filters.project_id),
        ("watchers", filters.watcher_id),
    ):
        if wanted:
            condition[name] = {"$eq": wanted}
    # Any status is no condition for the lists whose index goes without it.
    is_any = set(filters.statuses) == set(states.STATUSES)
    has_own_index = filters.happened.key or filters.user_id or filters.project_id
    if not (is_any and (has_own_index or filters.watcher_id)):
        condition["status"] = {"$in": sorted(set(filters.statuses))}
    if filters.priority:
        if filters.priority not in states.PRIORITIES:
            raise InvalidInput("Choose a priority from the list.", field="priority")
        low, high = states.urgencies_of(filters.priority)
        condition["urgency"] = {"$gte": low, "$lt": high}
    return condition


def rows_of(found: Iterable[dict[str, Any]]) -> list[IssueRow]:
    return [
        IssueRow(
            number=row["number"],
            subject=row["subject"],
            user_id=row["user_id"],
            project_id=row["project_id"],
            status=row["status"],
            priority=row["priority"],
            assignee_id=row["assignee_id"],
            tags=tuple(row["tags"]),
            source=row["source"]["kind"],
            sequence=row["sequence"],
            is_answered=(row.get("latest") or {}).get("kind") == "reply",
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )
        for row in found
    ]


def _value(row: dict[str, Any], key: str) -> Any:
    for name in key.split("."):
        row = row[name]
    return row


def _beyond(key: str, at: Cursor, sign: int) -> Condition:
    value, number = at.key
    further, close = ("$gt", "$gte") if sign == 1 else ("$lt", "$lte")
    return {key: {close: value}, "$or": [{key: {further: value}}, {"number": {further: number}}]}
