"""Taking back what was done to a customer, from what the audit log kept."""

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import Conflict
from devora_admin.staff import audit, undo
from devora_admin.users.documents import NOTES
from devora_admin.users.services import fields, identity

_FIELDS = {
    "users.suspend": "users.suspend",
    "users.reactivate": "users.suspend",
    "users.plan": "users.plan",
    "users.extend": "users.plan",
    "users.edit": "users.edit",
}
"""Actions on fields of the document, and who may take them back."""
_TAKEN = "Another customer has the earlier e-mail address now."


def register() -> None:
    """Called once, when the app is ready."""
    for action, permission in _FIELDS.items():
        undo.handles(action, permission=permission)(_put_back)
    undo.handles("users.reset_link", permission="users.access")(_withdraw_link)
    for verb, take_back in (("add", _unadd), ("edit", _unedit), ("delete", _undelete)):
        undo.handles(f"users.note.{verb}", permission="users.note")(_of_own_note(take_back))


def _put_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    earlier = row.before.get("email")
    if raw_bson.is_text(earlier) and identity.is_taken(earlier, row.subject.id):
        raise Conflict(_TAKEN)
    try:
        fields.put_back(row.subject.id, before=row.before, after=row.after, session=session)
    except DuplicateKeyError as error:
        raise Conflict(_TAKEN) from error
    _record(row, actor, session)


def _withdraw_link(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    raw = fields.read(row.subject.id, session=session)
    link = fields.decoded(raw).get("password_reset")
    if not isinstance(link, dict) or link.get("expires_at") != row.after.get("expires_at"):
        raise Conflict("The link has been used or replaced since.")
    fields.write(raw, put={}, drop=("password_reset",), session=session)
    _record(row, actor, session)


def _of_own_note(
    take_back: Callable[[audit.AuditRow, ClientSession], bool],
) -> Callable[..., None]:
    def work(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
        if actor.id != row.actor_id:
            raise Conflict("Only who wrote a note may change it.")
        fields.read(row.subject.id, session=session)
        if not take_back(row, session):
            raise Conflict("The note has been changed or deleted since.")
        _record(row, actor, session)

    return work


def _unadd(row: audit.AuditRow, session: ClientSession) -> bool:
    same = {"_id": row.after["note"], "text": row.after["text"]}
    return bool(mongo.database()[NOTES].delete_one(same, session=session).deleted_count)


def _unedit(row: audit.AuditRow, session: ClientSession) -> bool:
    same = {"_id": row.after["note"], "text": row.after["text"]}
    back = {"$set": {"text": row.before["text"]}}
    return bool(mongo.database()[NOTES].update_one(same, back, session=session).matched_count)


def _undelete(row: audit.AuditRow, session: ClientSession) -> bool:
    kept: dict[str, Any] = {**row.before}
    note = {"_id": kept.pop("note"), "user_id": row.subject.id, **kept}
    try:
        mongo.database()[NOTES].insert_one(note, session=session)
    except DuplicateKeyError:
        return False
    return True


def _record(row: audit.AuditRow, actor: audit.Actor, session: ClientSession) -> None:
    audit.record(
        f"{row.action}.undo",
        actor=actor,
        subject=audit.Subject("customer", row.subject.id, row.subject.label, row.subject.id),
        before=row.after,
        after=row.before,
        session=session,
    )
