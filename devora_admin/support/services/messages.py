"""Adding a message to a thread, within the transaction that changes its issue."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pymongo.client_session import ClientSession

from devora_admin.core import clock
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support.documents import messages
from devora_admin.support.mail import outbox
from devora_admin.support.services import attaching

Kind = Literal["customer", "reply", "note"]
"""What the customer wrote, what staff wrote to them, and what the customer never sees."""
REMEMBERED = ("customer", "reply")


@dataclass(frozen=True, slots=True)
class Said:
    kind: Kind
    text: str
    attachment_ids: Collection[str] = ()
    client_id: str = ""
    """Of the program that brought it."""


def insert(
    issue_id: str, sequence: int, said: Said, *, actor: audit.Actor, session: ClientSession
) -> dict[str, Any]:
    """Raises Conflict when something attached is not there."""
    row: dict[str, Any] = {
        "_id": new_id(),
        "issue_id": issue_id,
        "sequence": sequence,
        "kind": said.kind,
        "text": said.text,
        # Whose a customer's message is, is the issue's to say: it stays right through a merge.
        "author": None if said.kind == "customer" else {"id": actor.id, "name": actor.label},
        "at": clock.now(),
    }
    if said.client_id:
        row["client_id"] = said.client_id
    messages().insert_one(row, session=session)
    attaching.claim(said.attachment_ids, row["_id"], actor=actor, session=session)
    if said.kind == "reply":
        outbox.enqueue(row["_id"], issue_id, row["at"], session=session)
    return row


def remembered(row: dict[str, Any]) -> dict[str, Any]:
    """A message as its issue keeps the latest one for memory."""
    return {key: row[key] for key in ("sequence", "kind", "text", "at")}


def first_reply_at(
    issue_id: str, opened_at: datetime, *, session: ClientSession
) -> datetime | None:
    """When staff first wrote to the customer: at its opening where that was in another issue."""
    wanted = {"issue_id": issue_id, "kind": "reply"}
    found = messages().find_one(wanted, {"at": 1}, sort=[("at", 1)], session=session)
    return max(found["at"], opened_at) if found else None


def latest(issue_id: str, *, session: ClientSession) -> dict[str, Any] | None:
    """The last one behind the first that is no note, as `remembered` keeps it."""
    wanted = {"issue_id": issue_id, "kind": {"$in": list(REMEMBERED)}, "sequence": {"$gt": 1}}
    found = messages().find_one(wanted, sort=[("sequence", -1)], session=session)
    return remembered(found) if found else None
