"""Lists of issues: page by page from an index, whose order needs no sorting.

Every list is a range of one index: what is asked for is equal in its first fields, the order is the
rest. Several statuses are several ranges, which MongoDB merges as it reads. What a search text
means is read first (queries.searching) and narrows the list like any filter.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing import seen
from devora_admin.core.listing.conditions import all_of, within
from devora_admin.core.listing.patience import patience
from devora_admin.core.pagination import Cursor, Direction, decode_cursor, encode_cursor
from devora_admin.support import states
from devora_admin.support.documents import issues
from devora_admin.support.queries import happened, searching
from devora_admin.support.queries.happened import Happened

PAGE_SIZE = 50
MOST_COUNTED = 10_000
TOO_SLOW = "This takes too long. Choose one status, tag or assignee, or search for rarer words."
_FIELDS = {
    "number": 1, "subject": 1, "user_id": 1, "project_id": 1, "status": 1, "priority": 1,
    "assignee_id": 1, "tags": 1, "source.kind": 1, "sequence": 1, "created_at": 1, "updated_at": 1,
    "changed_at": 1, "latest.kind": 1, "urgency": 1, "due_at": 1, "due_kind": 1,
    "wake_at": 1,
}  # fmt: skip

Order = Literal["when", "updated", "urgency", "due"]
"""when: by what happened, where the list is bounded by that, else by the last change."""
_KEYS: dict[str, str] = {
    "when": "updated_at",
    "updated": "updated_at",
    "urgency": "urgency",
    "due": "due_at",
}
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
    source: str = ""
    due_before: datetime | None = None
    """Only what was promised for a moment before this one."""
    q: str = ""
    """A search text, see queries.searching."""
    happened: Happened = field(default_factory=Happened)
    """Bounds the list in time, and has an order of its own."""

    @property
    def any_set(self) -> bool:
        return self != Filters()


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
    changed_at: datetime
    """At all; `updated_at` is left alone by what is no activity, such as sorting many at once."""
    due_at: datetime | None
    due_kind: str
    wake_at: datetime | None = None
    when: datetime | None = None
    """When that happened which bounds the list in time."""

    @property
    def is_waiting(self) -> bool:
        """Whether it is on us to answer: what stands out in a list."""
        return self.status == "open" and not self.is_answered

    @property
    def is_paused(self) -> bool:
        return self.status in ("pending", "on_hold")


@dataclass(frozen=True, slots=True)
class InboxPage:
    rows: list[IssueRow]
    previous: str
    """A cursor, or "" on the first page."""
    next: str
    start: int = 1
    """The number of the first row, from 1."""

    @property
    def last(self) -> int:
        return self.start + len(self.rows) - 1


def inbox_page(
    filters: Filters,
    *,
    order: Order = "when",
    is_turned: bool = False,
    cursor: str = "",
    size: int = PAGE_SIZE,
) -> InboxPage:
    """The latest, the most urgent or the soonest due first, or the other way round where that is
    turned; one round trip without a search text or what customers were asked. Raises
    InvalidInput."""
    key, sign = sorted_by(filters, order, is_turned)
    happened_key = filters.happened.key
    scope = f"inbox:{key}:{sign}"
    at = decode_cursor(cursor, scope=scope) if cursor else None
    is_backward = at is not None and at.direction == "before"
    sign = -sign if is_backward else sign
    with patience(TOO_SLOW):
        condition = all_of(in_range(filters, key), _having(key))
        if at is not None:
            condition = all_of(condition, beyond(key, at.key[0], at.key[1], sign))
        cursor_ = (
            issues()
            .find(condition, {**_FIELDS, **dict.fromkeys(filter(None, (key, happened_key)), 1)})
            .sort([(key, sign), ("number", sign)])
        )
        found = list(cursor_.limit(size + 1))
    has_more, found = len(found) > size, found[:size]
    if is_backward:
        found.reverse()
    has_previous, has_next = (has_more, True) if is_backward else (at is not None, has_more)

    start = _start(at, len(found)) if has_previous else 1

    def mark(direction: Direction, row: dict[str, Any], place: int) -> str:
        return encode_cursor(Cursor(direction, scope, (value_of(row, key), row["number"], place)))

    return InboxPage(
        rows_of(found, happened_key),
        previous=mark("before", found[0], start) if found and has_previous else "",
        next=mark("after", found[-1], start + len(found) - 1) if found and has_next else "",
        start=start,
    )


def sorted_by(filters: Filters, order: Order, is_turned: bool) -> tuple[str, int]:
    """The field, and 1 where it ascends."""
    if order == "due":
        return "due_at", -1 if is_turned else 1
    if filters.happened.key and order == "when":
        return filters.happened.key, 1 if is_turned else -1
    # Those of one priority stand in the order of time there, too.
    is_one = filters.priority and not filters.happened.key
    return "urgency" if is_one else _KEYS[order], 1 if is_turned else -1


def in_range(filters: Filters, key: str) -> Condition:
    """As `narrowed`, with what makes it a range of the index whose order goes by `key`."""
    found = narrowed(filters)
    if not filters.happened.key or key == filters.happened.key:
        return found
    # That order is not the one of what happened.
    of_order: Condition = {"status": {"$in": sorted(set(filters.statuses))}}
    if start := filters.happened.opened.start:
        of_order["updated_at"] = {"$gte": start}
    return all_of(found, of_order)


def narrowed(filters: Filters) -> Condition:
    """What the filters and the search text mean; the text costs some round trips."""
    found = searching.meaning(filters.q) if filters.q else {}
    return all_of(condition_of(filters), found)


def count(filters: Filters) -> int:
    """At most MOST_COUNTED + 1, which means more."""
    with patience(TOO_SLOW):
        return issues().count_documents(narrowed(filters), limit=MOST_COUNTED + 1)


def is_empty() -> bool:
    """Whether there is no issue at all."""
    return issues().find_one({}, {"_id": 1}) is None


def tags_seen() -> list[str]:
    """Those that occur, for a box to choose from."""
    return seen.values(issues(), "tags", collation=None)


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
    if filters.source:
        condition["source.kind"] = {"$eq": filters.source}
    return condition | within("due_at", None, filters.due_before)


def rows_of(found: Iterable[dict[str, Any]], when: str = "") -> list[IssueRow]:
    """when: the field of what bounds the list in time; "" for none."""
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
            changed_at=row.get("changed_at") or row["updated_at"],
            due_at=row.get("due_at"),
            due_kind=row.get("due_kind", ""),
            wake_at=row.get("wake_at"),
            when=_moment(value_of(row, when)) if when else None,
        )
        for row in found
    ]


def value_of(row: dict[str, Any], key: str) -> Any:
    """Of the field an order goes by; None without a place in it."""
    found: Any = row
    for name in key.split("."):
        found = (found or {}).get(name)
    return found


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def beyond(key: str, value: Any, number: int, sign: int) -> Condition:
    """What comes behind a place of the order that goes by `key`."""
    further, close = ("$gt", "$gte") if sign == 1 else ("$lt", "$lte")
    return {key: {close: value}, "$or": [{key: {further: value}}, {"number": {further: number}}]}


def _having(key: str) -> Condition:
    """Of what has no promise, the index by promises knows nothing."""
    return {key: {"$exists": True}} if key == "due_at" else {}


def _start(at: Cursor | None, rows: int) -> int:
    place = int(at.key[2]) if at is not None and len(at.key) > 2 else 1
    return max(place - rows, 1) if at is None or at.direction == "before" else place + 1
