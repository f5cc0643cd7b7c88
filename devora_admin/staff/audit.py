"""The record of who did what. Rows are only ever added, in the transaction of their change."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.http import client_address
from devora_admin.core.ids import new_id
from devora_admin.core.raw_bson import LENIENT
from devora_admin.staff import chain
from devora_admin.staff.audit_rows import AuditRow, Cause, Subject, from_stored
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.staff.masking import masked, masked_text

__all__ = [
    "SYSTEM", "Actor", "AuditRow", "Cause", "Subject", "actor_for", "actor_of", "digest_of", "find",
    "forget_customer", "is_undoing", "latest_subjects", "record", "row_of", "undoing",
]  # fmt: skip

if TYPE_CHECKING:
    from django.http import HttpRequest

    from devora_admin.staff.models import StaffUser


@dataclass(frozen=True, slots=True)
class Actor:
    """The staff member behind a change, as the audit log keeps them."""

    id: str
    email: str
    name: str
    role: str
    address: str = ""
    request_id: str = ""
    cause: Cause | None = None
    """What they do it for, as staff.causes found it."""

    @property
    def label(self) -> str:
        return self.name or self.email


def actor_of(request: "HttpRequest") -> Actor:
    user: StaffUser = request.user  # type: ignore[assignment]
    return actor_for(
        user,
        address=client_address(request),
        request_id=getattr(request, "id", ""),
    )


def actor_for(user: "StaffUser", *, address: str = "", request_id: str = "") -> Actor:
    return Actor(str(user.pk), user.email, user.name, user.role, address, request_id)


SYSTEM = Actor(id="system", email="", name="Devora Admin", role="system")


_undoing: ContextVar[str] = ContextVar("undoing", default="")
_cause: ContextVar[Cause | None] = ContextVar("cause", default=None)
FORGET = "audit.forget"


@contextmanager
def undoing(row_id: str, *, cause: Cause | None = None) -> Iterator[None]:
    """The next row recorded inside says that it undoes `row_id`, which was done for `cause`."""
    token, cause_token = _undoing.set(row_id), _cause.set(cause)
    try:
        yield
    finally:
        _undoing.reset(token)
        _cause.reset(cause_token)


def is_undoing() -> bool:
    """Whether the row that undoes is still to be recorded."""
    return bool(_undoing.get())


def record(
    action: str,
    *,
    actor: Actor,
    subject: Subject,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    session: ClientSession | None = None,
    row_id: str | None = None,
    anchored: bool = False,
) -> str:
    """Adds one row and returns its id.

    Pass the `session` of the change's transaction, so that both or neither hold; without one the
    row has a transaction of its own.
    before, after: only the values that changed. What looks like a secret is masked here.
    reason: what the person gave as the reason, where one is asked for.
    row_id: a chosen id makes the row idempotent; adding it twice raises DuplicateKeyError.
    anchored: the row also names where every lane of the chain ends, and so vouches for them.

    Raises Conflict where the actor does it for something that is about somebody else.
    """
    row: dict[str, Any] = {
        "_id": row_id or new_id(),
        "at": clock.now(),
        "action": action,
        "actor": {"id": actor.id, "email": actor.email, "role": actor.role},
        "subject": {
            "kind": subject.kind,
            "id": subject.id,
            "label": masked_text(subject.label),
        },
        "customer_id": subject.customer_id or (subject.id if subject.kind == "customer" else ""),
        "before": masked(before),
        "after": masked(after),
        "reason": masked_text(reason),
        "address": actor.address,
        "request_id": actor.request_id,
    }
    cause = _checked(actor.cause, subject)
    if undone := _undoing.get():
        row["undo_of"] = undone
        _undoing.set("")
        cause = cause or _cause.get()
    if cause is not None:
        row["for"] = {"kind": cause.kind, "id": cause.id}
    return _append(row, session, anchored=anchored)


def _checked(cause: Cause | None, subject: Subject) -> Cause | None:
    if cause is not None and not cause.covers(subject):
        raise Conflict(f"{cause.label} is about another customer. Nothing was changed.")
    return cause


def _append(row: dict[str, Any], session: ClientSession | None, *, anchored: bool) -> str:
    if session is None:
        mongo.run_in_transaction(lambda own: chain.append(row, session=own, anchored=anchored))
    else:
        chain.append(row, session=session, anchored=anchored)
    return str(row["_id"])


def find(row_id: str, *, session: ClientSession | None = None) -> AuditRow:
    """Raises NotFound."""
    rows = mongo.database()[AUDIT_LOG].with_options(codec_options=LENIENT)
    found = rows.find_one({"_id": row_id}, session=session)
    if found is None:
        raise NotFound("entry of the audit log", row_id)
    return from_stored(found)


def digest_of(row_id: str) -> str:
    """Of an anchored row: stands for the whole log up to it."""
    found = mongo.database()[AUDIT_LOG].find_one({"_id": row_id}, {"chain.mac": 1})
    return found["chain"]["mac"].hex() if found else ""


def latest_subjects(*, actor_id: str, kind: str, limit: int) -> list[str]:
    """Ids of what this person changed, the latest first, each once."""
    rows = (
        mongo.database()[AUDIT_LOG]
        .find({"actor.id": actor_id, "subject.kind": kind}, {"subject.id": 1})
        .sort("at", -1)
        .limit(limit * 8)  # several changes to one subject are common
    )
    return list(dict.fromkeys(row["subject"]["id"] for row in rows))[:limit]


def row_of(action: str, subject_kind: str, subject_id: str, *, request_id: str) -> str:
    """The row of what this request or job did to the subject, "" without one."""
    row = mongo.database()[AUDIT_LOG].find_one(
        {
            "subject.kind": subject_kind,
            "subject.id": subject_id,
            "action": action,
            "request_id": request_id,
        },
        {"_id": 1},
    )
    return str(row["_id"]) if row else ""


def forget_customer(customer_id: str, *, actor: Actor, session: ClientSession | None = None) -> int:
    """Takes label, values and reason out of every row about a customer; returns how many.

    The row it adds first says up to where; what is recorded later is kept. Run again after a
    crash, it goes on. session: to do all of it in one transaction.
    """
    subject = Subject("customer", customer_id)
    row_id = record(FORGET, actor=actor, subject=subject, session=session, anchored=True)
    log = mongo.database()[AUDIT_LOG]
    mark = log.find_one({"_id": row_id}, {"heads": 1}, session=session) or {}
    covered = [
        {"chain.lane": head["lane"], "chain.seq": {"$lte": head["seq"]}}
        for head in mark.get("heads", ())
    ]
    if not covered:
        return 0
    gone = {"before": "", "after": "", "reason": "", "subject.label": "", "personal.salt": ""}
    still = {
        "customer_id": customer_id,
        "action": {"$ne": FORGET},
        "personal.salt": {"$exists": True},
        "$or": covered,
    }
    return log.update_many(still, {"$unset": gone}, session=session).modified_count
