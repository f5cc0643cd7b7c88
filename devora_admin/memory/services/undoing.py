"""Taking back what staff decided about memory, from what the audit log kept."""

from collections.abc import Mapping
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.errors import Conflict
from devora_admin.memory.documents import DECISIONS
from devora_admin.memory.indexing.sources import EVERYTHING_OF, document_of
from devora_admin.memory.services import deciding
from devora_admin.memory.services.deciding import ACTION, KEPT, NOTED, Document
from devora_admin.staff import audit, undo
from devora_admin.users.queries.owners import lasting_id
from devora_admin.users.services import fields

_SUBJECT = ("about", "topic", "value", "sha256")


def register() -> None:
    """Called once, when the app is ready."""
    undo.handles(ACTION, then=_undone)(_undo)


def _undo(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    # Whoever has it since their account was merged.
    user_id = lasting_id(row.subject.id, session=session)
    fields.read(user_id, session=session)
    subject: dict[str, str] = {key: row.after[key] for key in _SUBJECT if key in row.after}
    back: dict[str, Any] = {"standing": ""} | {
        key: row.before[key] for key in (*KEPT, *NOTED) if key in row.before
    }
    documents = _to_undo(user_id, row)
    found = deciding.exchange(user_id, subject, back, documents, actor, session)
    if _told(found) != _told(row.after):
        raise Conflict("Somebody decided about this since.")
    audit.record(
        f"{ACTION}.undo",
        actor=actor,
        subject=audit.Subject("customer", user_id, row.subject.label, user_id),
        before=row.after,
        after=row.before,
        session=session,
    )


def _told(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What was decided, apart from what is noted beside it."""
    return {key: stored[key] for key in KEPT if stored.get(key)}


def _undone(row: audit.AuditRow) -> None:
    deciding.carry_out(_to_undo(row.subject.id, row)[0])


def _to_undo(user_id: str, row: audit.AuditRow) -> list[Document]:
    """Also what came since: memory tells no more which documents had what it forgot."""
    if row.after["about"] == "preference":
        return [(DECISIONS, user_id)]
    return [*map(document_of, row.after["origins"]), (EVERYTHING_OF, user_id)]
