"""Telling customers that an issue was resolved where no reply says so, with the question whether
they are satisfied; and whether they are told at all.

A notice waits for a little while, so that what is undone or reopened at once tells nobody: when it
is about to leave, it has to be of the resolution that holds.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support.documents import messages
from devora_admin.support.mail import csat, outbox
from devora_admin.support.mail.documents import mail_settings

ACTION = "support.mail_notices"
PERMISSION = "issues.manage"
GRACE = timedelta(minutes=2)
_ID = "notices"
_SUBJECT = audit.Subject("support_mail", _ID, "E-mails about what was resolved")
_MEANWHILE = "Somebody changed this in the same moment. Look at it again."


def tell(row: dict[str, Any], *, actor: audit.Actor, session: ClientSession) -> None:
    """Within the transaction that resolves an issue without a reply. row: as it is then."""
    if not tells(row, session=session):
        return
    notice_id = new_id()
    csat.ask(row, notice_id, actor=actor, session=session)
    outbox.enqueue_notice(
        notice_id, row["_id"], clock.now(), wait=GRACE, resolved_at=row["resolved_at"],
        session=session,
    )  # fmt: skip


def tells(row: dict[str, Any], *, session: ClientSession | None = None) -> bool:
    """Whether the customer is told once this issue is resolved without a reply."""
    return bool(
        settings.PUBLIC_URL and row["user_id"] and are_on(session) and _is_known(row, session)
    )


def _is_known(row: dict[str, Any], session: ClientSession | None) -> bool:
    """To the customer. What a scan or a rise of errors opened is staff's alone until one of the two
    writes to the other."""
    if row["source"]["kind"] in ("staff", "api"):
        return True
    wanted = {"issue_id": row["_id"], "kind": {"$in": ["customer", "reply"]}}
    return messages().find_one(wanted, {"_id": 1}, session=session) is not None


def are_on(session: ClientSession | None = None) -> bool:
    """Until somebody leaves them off."""
    row = mail_settings().find_one({"_id": _ID}, {"is_on": 1}, session=session)
    return row is None or bool(row["is_on"])


def turn(is_on: bool, *, actor: audit.Actor) -> str:
    """The row of the audit log, "" when it is so already. Raises Conflict."""
    row_id = new_id()

    def work(session: ClientSession) -> str:
        if are_on(session) == is_on:
            return ""
        _put(is_on, ACTION, actor, session, row_id)
        return row_id

    return mongo.run_in_transaction(work)


def undo(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    """Raises Conflict when it was changed since."""
    if are_on(session) != row.after["is_on"]:
        raise Conflict("This was changed since. Nothing was undone.")
    _put(bool(row.before["is_on"]), f"{ACTION}.undo", actor, session, new_id())


def _put(is_on: bool, action: str, actor: audit.Actor, session: ClientSession, row_id: str) -> None:
    """Of what was the other way round before."""
    values = {"is_on": is_on, "by": actor.label, "updated_at": clock.now()}
    found = mail_settings()
    if found.find_one({"_id": _ID}, {"_id": 1}, session=session) is None:
        try:
            found.insert_one({"_id": _ID, **values}, session=session)
        except DuplicateKeyError as error:
            raise Conflict(_MEANWHILE) from error
    else:
        still = {"_id": _ID, "is_on": not is_on}
        if not found.update_one(still, {"$set": values}, session=session).matched_count:
            raise Conflict(_MEANWHILE)
    audit.record(
        action, actor=actor, subject=_SUBJECT, before={"is_on": not is_on},
        after={"is_on": is_on}, session=session, row_id=row_id,
    )  # fmt: skip
