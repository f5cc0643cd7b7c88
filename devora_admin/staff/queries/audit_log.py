"""Reads of the audit log, each along an index."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import get_current_timezone

from devora_admin.core import mongo
from devora_admin.core.listing.patience import patience
from devora_admin.core.pagination import Cursor, Direction, decode_cursor, encode_cursor
from devora_admin.core.raw_bson import LENIENT
from devora_admin.staff import undo, wording
from devora_admin.staff.audit import AuditRow, find
from devora_admin.staff.audit_rows import from_stored
from devora_admin.staff.documents import AUDIT_LOG, STAFF

PAGE_SIZE = 50
_EXPORTED_AT_ONCE = 1000
_SCOPE = "audit"
_TOO_SLOW = "These filters take too long together. Narrow the dates, or leave one out."
_AS_LISTED = {"before": 0, "after": 0, "personal.digest": 0, "heads": 0}
Condition = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilters:
    actor: str = ""
    """Id of a staff account, or "system"."""
    action: str = ""
    """A whole name, or how it begins: "project", "staff.session"."""
    kind: str = ""
    subject: str = ""
    """Id of the subject; goes with `kind`."""
    with_done_for: bool = False
    """Also what was done elsewhere for this subject."""
    customer: str = ""
    address: str = ""
    since: date | None = None
    until: date | None = None
    """The last day that is shown."""

    @property
    def any_set(self) -> bool:
        return self != AuditFilters()


@dataclass(frozen=True, slots=True)
class AuditPage:
    rows: list["AuditLine"]
    newer: str
    older: str
    """Cursors; "" at an end."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    row: AuditRow
    sentence: str
    url: str
    """Of the subject."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    line: AuditLine
    undone_by: str
    why_not: str
    """Why it cannot be undone; "" when it can."""


def actions() -> list[str]:
    """Every action there is a record of, from the index alone."""
    found = mongo.database()[AUDIT_LOG].distinct("action")
    return sorted(name for name in found if isinstance(name, str))


def actors() -> list[tuple[str, str]]:
    """Id and name of everybody who may have acted."""
    fields = {"name": 1, "email": 1}
    rows = mongo.database()[STAFF].find({}, fields).sort("email", 1).limit(1000)
    known = [(str(row["_id"]), row.get("name") or row["email"]) for row in rows]
    return [*known, ("system", "Devora Admin itself")]


def audit_page(
    filters: AuditFilters, names: list[str], *, cursor: str = "", with_values: bool = False
) -> AuditPage:
    """names: what `actions` answered. Raises InvalidInput for a damaged cursor.

    with_values: what was before and after, too, which the list of all does without.
    """
    at = decode_cursor(cursor, scope=_SCOPE) if cursor else None
    with patience(_TOO_SLOW):
        found = _read(filters, names, at, limit=PAGE_SIZE + 1, with_values=with_values)
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    backward = at is not None and at.direction == "before"
    if backward:
        found.reverse()
    has_newer, has_older = (more, True) if backward else (at is not None, more)
    return AuditPage(
        [_line(row) for row in found],
        newer=_cursor("before", found[0]) if found and has_newer else "",
        older=_cursor("after", found[-1]) if found and has_older else "",
    )


def audit_entry(row_id: str) -> AuditEntry:
    """Raises NotFound."""
    row = find(row_id)
    return AuditEntry(_of(row), undo.undone_by(row_id), undo.why_not(row))


def every_line(filters: AuditFilters) -> Iterator[AuditLine]:
    """From the latest on, page by page: a download may take as long as it likes."""
    names = actions() if filters.action else []
    at: Cursor | None = None
    while found := _read(filters, names, at, limit=_EXPORTED_AT_ONCE):
        yield from map(_line, found)
        last = found[-1]
        at = Cursor("after", _SCOPE, (last.get("at"), last["_id"]))


def _read(
    filters: AuditFilters,
    names: list[str],
    at: Cursor | None,
    *,
    limit: int,
    with_values: bool = False,
) -> list[dict[str, Any]]:
    condition = condition_of(filters, names)
    if condition is None:
        return []
    order = 1 if at and at.direction == "before" else -1
    if at:
        condition = {"$and": [condition, _beyond(at, order)]}
    rows = mongo.database()[AUDIT_LOG].with_options(codec_options=LENIENT)
    shown = None if with_values else _AS_LISTED
    found = rows.find(condition, shown).sort([("at", order), ("_id", order)]).limit(limit)
    return list(found)


def condition_of(filters: AuditFilters, names: list[str]) -> Condition | None:
    """None when nothing can match."""
    condition: Condition = {}
    if filters.actor:
        condition["actor.id"] = filters.actor
    if filters.action:
        # The names one by one: each is a range of the index, in order, and MongoDB merges them.
        matching = [name for name in names if _is_under(name, filters.action)]
        if not matching:
            return None
        condition["action"] = {"$in": matching}
    if filters.subject:
        condition |= _of_subject(filters)
    if filters.customer:
        condition["customer_id"] = filters.customer
    if filters.address:
        condition["address"] = filters.address
    days = {"$gte": _start_of(filters.since), "$lt": _start_of(filters.until, days=1)}
    if bounds := {operator: moment for operator, moment in days.items() if moment}:
        condition["at"] = bounds
    return condition


def _of_subject(filters: AuditFilters) -> Condition:
    own = {"subject.kind": filters.kind, "subject.id": filters.subject}
    if not filters.with_done_for:
        return own
    # Two ranges of two indexes in the same order, which MongoDB merges as it reads.
    return {"$or": [own, {"for.kind": filters.kind, "for.id": filters.subject}]}


def _is_under(name: str, prefix: str) -> bool:
    return name.startswith(prefix)


def _start_of(day: date | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=days), time(), get_current_timezone())


def _beyond(at: Cursor, order: int) -> Condition:
    moment, row_id = at.key
    further, close = ("$gt", "$gte") if order == 1 else ("$lt", "$lte")
    return {
        "at": {close: moment},
        "$or": [{"at": {further: moment}}, {"_id": {further: row_id}}],
    }


def _cursor(direction: Direction, row: dict[str, Any]) -> str:
    return encode_cursor(Cursor(direction, _SCOPE, (row.get("at"), row["_id"])))


def _line(document: dict[str, Any]) -> AuditLine:
    return _of(from_stored(document))


def _of(row: AuditRow) -> AuditLine:
    subject = row.subject
    if not subject.label and row.is_forgotten:
        row = replace(row, subject=replace(subject, label="(erased)"))
    return AuditLine(row, wording.sentence(row.action), wording.page_of(subject.kind, subject.id))
