"""What staff do about dead letters."""

from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import NotFound
from devora_admin.staff import audit
from devora_admin.staff.audit import Actor, Subject
from devora_admin.worker.following.letters import letters


def retry_letter(letter_id: str, *, actor: Actor) -> None:
    """Has the worker try it again within a moment. Raises NotFound."""

    def work(session: ClientSession) -> None:
        due = {"$set": {"due_at": clock.now()}}
        row = letters().find_one_and_update({"_id": letter_id}, due, session=session)
        _record("dead_letter.retry", letter_id, row, actor, session)

    mongo.run_in_transaction(work)


def discard_letter(letter_id: str, *, actor: Actor) -> None:
    """Gives up the changes that were set aside. Raises NotFound."""

    def work(session: ClientSession) -> None:
        row = letters().find_one_and_delete({"_id": letter_id}, session=session)
        _record("dead_letter.discard", letter_id, row, actor, session)

    mongo.run_in_transaction(work)


def _record(
    action: str, letter_id: str, row: dict[str, Any] | None, actor: Actor, session: ClientSession
) -> None:
    if row is None:
        raise NotFound("dead letter", letter_id)
    label = f"{row['consumer']}: {row['collection']} {row.get('document_id') or row['key']}"[:120]
    subject = Subject("dead_letter", letter_id, label, row.get("user_id", ""))
    about = {"changes": row["changes"], "tries": row["tries"]}
    audit.record(action, actor=actor, subject=subject, before=about, session=session)
