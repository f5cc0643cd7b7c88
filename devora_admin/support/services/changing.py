"""What every change of an issue has in common: it is read and written within one transaction, and
refused when what the person saw has changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.staff import audit
from devora_admin.support import states
from devora_admin.support.documents import issues
from devora_admin.support.queries.issue import is_number
from devora_admin.support.sla import stamping
from devora_admin.support.subject import subject_of
from devora_admin.users.erasing import fence

Row = dict[str, Any]
T = TypeVar("T")

THREAD = "thread"
"""Beside the fields, what `touched` tells of: whether somebody wrote since."""


@dataclass(frozen=True, slots=True)
class Done:
    number: int
    revision: int
    """What the next change is conditional on."""
    row_id: str
    """Of the audit log: what an undo names. "" when there was nothing to change."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A field that somebody changed since it was seen."""

    field: str
    value: Any
    by: str


class ChangedSince(Conflict):
    def __init__(self, moved: tuple[Moved, ...]) -> None:
        told = "; ".join(
            f"{each.by} wrote in it" if each.field == THREAD
            else f"{each.by} set the {_called(each.field)} to {_shown(each.value)}"
            for each in moved
        )  # fmt: skip
        facts = [{"field": each.field, "value": each.value, "by": each.by} for each in moved]
        super().__init__(f"Meanwhile {told}. Nothing was written.", detail={"changed": facts})
        self.moved = moved


def within(session: ClientSession | None, work: Callable[[ClientSession], T]) -> T:
    """In the caller's transaction, or in one of its own."""
    return work(session) if session is not None else mongo.run_in_transaction(work)


def read(number: int, *, session: ClientSession) -> Row:
    """Raises NotFound, or Conflict while its customer is being erased."""
    found = issues().find_one({"number": number}, session=session) if is_number(number) else None
    if found is None:
        raise NotFound("issue", str(number))
    fence.refuse_if_erasing(found["user_id"], session=session)
    return found


def read_live(number: int, *, session: ClientSession) -> Row:
    """One that is not merged away. Raises NotFound, Conflict."""
    row = read(number, session=session)
    if merged := row.get("merged_into"):
        raise Conflict(f"This issue was merged into #{merged['number']}. Change that one.")
    return row


def last_of_merged(number: int, *, session: ClientSession) -> Row:
    """Where one that was merged away went; itself for one that was not. Raises as `read`."""
    row = read(number, session=session)
    while merged := row.get("merged_into"):
        row = read(merged["number"], session=session)
    return row


def refuse_if_changed(row: Row, fields: Iterable[str], *, seen: int) -> None:
    """Raises ChangedSince. seen: the revision the person saw."""
    if found := moved(row, fields, seen=seen):
        raise ChangedSince(found)


def moved(row: Row, fields: Iterable[str], *, seen: int) -> tuple[Moved, ...]:
    """Those of the fields that somebody changed since."""
    touched = row["touched"]
    return tuple(
        Moved(field, row.get(field), touched[field]["by"])
        for field in fields
        if field in touched and touched[field]["revision"] > seen
    )


def write(
    row: Row,
    *,
    put: Mapping[str, Any],
    touches: Iterable[str] = (),
    by: str,
    session: ClientSession,
    undoes: Mapping[str, datetime] = stamping.NOTHING,
    active_at: datetime | None = None,
) -> Row:
    """Returns the issue as it is now. put: None removes a field.

    touches: what a person who saw it has to know was changed. by: who, for people. undoes: as
    `undone` has it. active_at: when something was last done about it, for the order of lists; by
    default, now.
    Raises Conflict when it was written in the same moment.
    """
    now, revision = clock.now(), row["revision"] + 1
    active_at = active_at or now
    put = {**put, **stamping.of_change(row, put, at=now, session=session, undoes=undoes)}
    gone = [key for key, value in put.items() if value is None]
    values: Row = {key: value for key, value in put.items() if value is not None}
    values |= {"updated_at": active_at, "changed_at": now, "revision": revision}
    values["urgency"] = states.urgency(values.get("priority") or row["priority"], active_at)
    mark = {"revision": revision, "at": now, "by": by, "active_before": row["updated_at"]}
    update: Row = {"$set": {**values, **{f"touched.{field}": mark for field in touches}}}
    if gone:
        update["$unset"] = dict.fromkeys(gone, "")
    still = {"_id": row["_id"], "revision": row["revision"]}
    if not issues().update_one(still, update, session=session).matched_count:
        raise Conflict("This issue was changed in the same moment. Look at it again.")
    touched = {**row["touched"], **dict.fromkeys(touches, mark)}
    kept = {key: value for key, value in row.items() if key not in gone}
    return {**kept, **values, "touched": touched}


def undone(row: Row, put: Mapping[str, Any], done_at: datetime | None) -> dict[str, datetime]:
    """Of what the clock goes by, when what `put` takes back was done: by the last change there was
    of the field. One that was changed and changed back since is no undoing for the clock."""
    return {
        field: row["touched"][field]["at"]
        for field in ("status", "priority")
        if field in put and put[field] != row[field]
        if done_at and row["touched"].get(field) and row["touched"][field]["at"] <= done_at
    }


def active_before(row: Row, fields: Iterable[str]) -> datetime:
    """When something was last done about it, without the change of these fields, if that was the
    last thing done."""
    found: datetime = row["updated_at"]
    said = row["touched"].get(THREAD, {}).get("revision")
    for field in fields:
        mark = row["touched"].get(field, {})
        was_last = mark.get("at") == row["updated_at"] and mark.get("revision") != said
        if was_last:
            found = mark.get("active_before", found)
    return found


def record(
    verb: str,
    row: Row,
    *,
    actor: audit.Actor,
    session: ClientSession,
    before: Row | None = None,
    after: Row | None = None,
    row_id: str | None = None,
) -> None:
    audit.record(
        f"issue.{verb}",
        actor=actor,
        subject=subject_of(row),
        before=before or {},
        after=after or {},
        session=session,
        row_id=row_id,
    )


def _called(field: str) -> str:
    return "end of the snooze" if field == "wake_at" else field.removesuffix("_id")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return f"“{str(value)[:80]}”" if value else "nothing"
