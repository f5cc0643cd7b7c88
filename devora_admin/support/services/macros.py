"""Macros applied to an issue: all of their changes and what they write, or nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support import states, variables
from devora_admin.support.mail import notices
from devora_admin.support.queries import facts
from devora_admin.support.queries import macros as queries
from devora_admin.support.queries.issue import Issue, issue, row_of
from devora_admin.support.queries.macros import ME, NOBODY, Macro
from devora_admin.support.services import assigning, changing, fields, snoozing, texts, writing
from devora_admin.support.services.changing import THREAD, Row
from devora_admin.support.services.messages import Said
from devora_admin.support.variables import Filled

_OF_THE_MESSAGE = ("macro", "message", "sequence")
"""What the record of one says besides of fields."""
_SORTING = frozenset({"assignee_id", "tags"})
"""Whose change, for many at once, is nothing done about an issue."""


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Preview:
    macro: Macro
    issue: Issue
    changes: list[Change]
    filled: Filled
    """Its text for this issue."""
    tells: bool
    """Whether the customer gets an e-mail that says no more than that it is resolved."""


@dataclass(frozen=True, slots=True)
class Applied:
    number: int
    revision: int
    row_id: str
    """Of the audit log; "" when there was nothing to change."""
    has_written: bool


def preview(number: int, macro_id: str, *, actor: audit.Actor) -> Preview:
    """What would change now. Raises NotFound, and Conflict for what cannot be done."""
    macro, row = queries.one(macro_id), row_of(number)
    put = plan(macro, row, "", actor)
    changes = [Change(field, row.get(field), put[field]) for field in moved(row, put)]
    resolves = put.get("status") == "resolved" and row["status"] not in states.OVER
    tells = resolves and (macro.is_note or not macro.text) and notices.tells(row)
    filled = variables.fill(macro.text, facts.values_for(issue(number), actor.label))
    return Preview(macro, issue(number), changes, filled, tells)


def apply(
    number: int,
    macro_id: str,
    *,
    seen: int,
    revision: int,
    actor: audit.Actor,
    text: str | None = None,
    macro_revision: int = 0,
    is_quiet: bool = False,
) -> Applied:
    """seen: the last sequence the person saw, revision: that of the issue.

    text: what is written in place of the macro's own. macro_revision: of the macro as it was
    shown, 0 for as it is now. is_quiet: as in `fields.change`, where it only sorts.
    Raises NotFound, InvalidInput, ChangedSince, and HeldBack for a reply beyond what was seen.
    """
    macro = queries.one(macro_id)
    if macro_revision and macro.revision != macro_revision:
        raise Conflict("This macro was changed meanwhile. Look at what it does now.")
    if macro.assignee not in ("", ME, NOBODY):
        assigning.check(macro.assignee)
    written = _text(macro, number, text, actor)
    row_id = new_id()
    told: Row = {"macro": {"id": macro.id, "name": macro.name}}

    def work(session: ClientSession) -> Applied:
        row = changing.read_live(number, session=session)
        if written and not macro.is_note:
            writing.refuse_reply(row, seen=seen, session=session)
        put = plan(macro, row, "" if macro.is_note else written, actor)
        _refuse_if_changed(row, put, revision)
        if not written:
            only_sorts = is_quiet and _SORTING.issuperset(moved(row, put))
            done = fields.apply(
                row, "macro", put, actor, session, row_id, told=told,
                active_at=row["updated_at"] if only_sorts else None,
            )  # fmt: skip
            return Applied(number, done.revision, done.row_id, has_written=False)
        said = Said("note" if macro.is_note else "reply", written)
        new = writing.append(row, "macro", said, put, actor, session, row_id=row_id, told=told)
        return Applied(number, new.revision, row_id, has_written=True)

    return mongo.run_in_transaction(work)


def undo(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    """Puts the fields back. What was written stays, and so it is told.

    Raises Conflict when a field has moved on, or there is none.
    """
    after = {key: row.after[key] for key in row.after if key not in _OF_THE_MESSAGE}
    if not after:
        raise Conflict("This macro only wrote a message, and that stays. Nothing was undone.")
    told = {key: row.after[key] for key in _OF_THE_MESSAGE if key in row.after}
    fields.put_back(
        int(row.subject.id), "macro", before=row.before, after=after, done_at=row.at,
        actor=actor, session=session, told=told,
    )  # fmt: skip


def sentence(before: Any, after: Any) -> str:
    """What the audit log says. An undo comes the other way round: what it put back is `before`."""
    is_undone = "macro" in before
    told = before if is_undone else after
    name = (told.get("macro") or {}).get("name", "")
    if "message" not in told:
        return f"Applied the macro “{name}”"
    more = "; what it wrote stays" if is_undone else ", and wrote with it"
    return f"Applied the macro “{name}”{more}"


def plan(macro: Macro, row: Row, text: str, actor: audit.Actor) -> Row:
    """The values by field, of those that stay the same, too; None for one to be removed. Raises
    Conflict for a snooze of what is over."""
    put: Row = {}
    if macro.snooze_h:
        wake_at = clock.now() + timedelta(hours=macro.snooze_h)
        put |= snoozing.snooze_fields(row, wake_at, by=actor)
    elif macro.status and macro.status != row["status"]:
        resolution = text if macro.status == "resolved" else ""
        put |= fields.status_fields(row, macro.status, resolution=resolution, by=actor)
    if macro.priority:
        put["priority"] = macro.priority
    if macro.assignee:
        put["assignee_id"] = {ME: actor.id, NOBODY: ""}.get(macro.assignee, macro.assignee)
    if macro.add_tags or macro.remove_tags:
        kept = set(row["tags"]) - set(macro.remove_tags)
        put["tags"] = texts.tags(kept | set(macro.add_tags))
    return put


def moved(row: Row, put: Row) -> list[str]:
    """Those of a plan that people are told of, and that change."""
    return [field for field in fields.told_of(put) if row.get(field) != put[field]]


def _refuse_if_changed(row: Row, put: Row, revision: int) -> None:
    about = moved(row, put)
    if "status" in about:
        about.append(THREAD)  # who was about to close it may want to read on first
    changing.refuse_if_changed(row, about, seen=revision)


def _text(macro: Macro, number: int, given: str | None, actor: audit.Actor) -> str:
    """What is written: as it was looked over, else as it is filled in for this issue."""
    if not macro.text:
        return ""
    if given is not None:
        return texts.message(given)
    filled = variables.fill(macro.text, facts.values_for(issue(number), actor.label))
    if filled.missing:
        raise InvalidInput(f"Empty for this issue: {', '.join(filled.missing)}.", field="text")
    return texts.message(filled.text)
