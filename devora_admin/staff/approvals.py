"""What one person asks for and another must agree to, once, before it is done.

Asking and deciding are one transaction each, with their audit rows. `perform` runs after the
decision is stored, so that a request that could not be carried out says why and may be tried again.
"""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, Forbidden, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.staff.approval_kinds import (
    Approval,
    State,
    consequences,
    customer_of,
    from_stored,
    handles,
    kind_named,
    kind_of,
    stored_actor,
    stored_subject,
)
from devora_admin.staff.audit import Actor, Subject
from devora_admin.staff.carrying_out import carry_out
from devora_admin.staff.documents import APPROVALS, STAFF
from devora_admin.staff.masking import masked_text
from devora_admin.staff.permissions import ROLES

__all__ = [
    "Approval", "approve", "ask", "consequences", "find", "handles", "reject", "try_again",
    "withdraw",
]  # fmt: skip

LASTS = timedelta(days=7)


def ask(
    kind: str,
    *,
    subject: Subject,
    params: dict[str, Any],
    reason: str,
    actor: Actor,
    session: ClientSession | None = None,
) -> str:
    """Stores a request and returns its id. params: BSON values, no secrets.

    Raises Conflict when the same is asked for already, Forbidden without the permission.
    """
    known = kind_named(kind)
    _check_role(actor.role, known.permission)
    now = clock.now()
    document = {
        "_id": new_id(), "kind": kind, "title": known.title, "subject": stored_subject(subject),
        "params": params, "reason": masked_text(reason), "asker": stored_actor(actor),
        "asked_at": now, "expires_at": now + LASTS, "state": "pending",
        "decider": None, "decided_at": None, "decision": "",
        "done_at": None, "url": "", "error": "", "busy_until": None,
    }  # fmt: skip

    def work(own: ClientSession) -> str:
        _expire(kind, subject, own)
        mongo.database()[APPROVALS].insert_one(document, session=own)
        _record("approval.ask", from_stored(document), actor, session=own, reason=reason)
        return str(document["_id"])

    try:
        return work(session) if session else mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise Conflict("The same is waiting for approval already.") from error


def find(approval_id: str, *, session: ClientSession | None = None) -> Approval:
    """Raises NotFound."""
    found = mongo.database()[APPROVALS].find_one({"_id": approval_id}, session=session)
    if found is None:
        raise NotFound("request", approval_id)
    return from_stored(found)


def approve(approval_id: str, *, reason: str, actor: Actor) -> Approval:
    """Agrees, and carries it out. Raises NotFound, Conflict, Forbidden.

    A request that then cannot be carried out is returned as failed, with its error.
    """

    def work(session: ClientSession) -> Approval:
        request = find(approval_id, session=session)
        kind_of(request)
        _check_asker(request, session)
        return _decide(request, "approved", reason=reason, actor=actor, session=session)

    return carry_out(mongo.run_in_transaction(work), approver=actor)


def reject(approval_id: str, *, reason: str, actor: Actor) -> Approval:
    def work(session: ClientSession) -> Approval:
        request = find(approval_id, session=session)
        return _decide(request, "rejected", reason=reason, actor=actor, session=session)

    return mongo.run_in_transaction(work)


def withdraw(approval_id: str, *, actor: Actor) -> Approval:
    """Raises Forbidden for anybody but the one who asked."""

    def work(session: ClientSession) -> Approval:
        request = find(approval_id, session=session)
        if request.asker.id != actor.id:
            raise Forbidden("Only the person who asked can withdraw a request.")
        mine = {"asker.id": actor.id}
        return _close(request, "withdrawn", mine, reason="", actor=actor, session=session)

    return mongo.run_in_transaction(work)


def try_again(approval_id: str, *, actor: Actor) -> Approval:
    """Carries out what was approved and failed, or was cut off. Raises Conflict, Forbidden."""
    request = find(approval_id)
    _check_decider(request, actor)
    if not request.is_stuck:
        raise Conflict("There is nothing to try again.")
    _check_asker(request)
    return carry_out(request, approver=actor)


def _decide(
    request: Approval, state: State, *, reason: str, actor: Actor, session: ClientSession
) -> Approval:
    _check_decider(request, actor)
    # Held by the write itself too, whatever happened since the reading.
    others = {"asker.id": {"$ne": actor.id}}
    return _close(request, state, others, reason=reason, actor=actor, session=session)


def _close(
    request: Approval,
    state: State,
    condition: dict[str, Any],
    *,
    reason: str,
    actor: Actor,
    session: ClientSession,
) -> Approval:
    now = clock.now()
    found = mongo.database()[APPROVALS].find_one_and_update(
        {"_id": request.id, "state": "pending", "expires_at": {"$gt": now}, **condition},
        {
            "$set": {
                "state": state,
                "decider": stored_actor(actor),
                "decided_at": now,
                "decision": masked_text(reason),
            }
        },
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        if request.is_pending:
            raise Conflict("Someone else decided meanwhile. Reload the page.")
        raise Conflict(f"This request is {request.state} already.")
    verb = {"approved": "approve", "rejected": "reject", "withdrawn": "withdraw"}[state]
    _record(f"approval.{verb}", request, actor, session=session, reason=reason)
    return from_stored(found)


def _check_decider(request: Approval, actor: Actor) -> None:
    if request.asker.id == actor.id:
        raise Forbidden("Nobody decides their own request. Ask someone else.")
    _check_role(actor.role, "approvals.decide")


def _check_role(role: str, permission: str) -> None:
    if permission not in ROLES.get(role, frozenset()):
        raise Forbidden(f"The role {role} does not allow this.")


def _check_asker(request: Approval, session: ClientSession | None = None) -> None:
    """Raises Conflict when the one who asked could not do so any more."""
    try:
        key = ObjectId(request.asker.id)
    except InvalidId as error:
        raise Conflict("Who asked for this is no staff member.") from error
    held = mongo.database()[STAFF].find_one(
        {"_id": key}, {"is_active": 1, "role": 1}, session=session
    )
    if held is None or not held["is_active"]:
        raise Conflict(f"The account of {request.asker.label} is disabled. Reject this request.")
    if kind_of(request).permission not in ROLES.get(held["role"], frozenset()):
        raise Conflict(f"{request.asker.label} may not ask for this any more. Reject this request.")


def _expire(kind: str, subject: Subject, session: ClientSession) -> None:
    """A request that ran out makes room for the same one again."""
    mongo.database()[APPROVALS].update_one(
        {
            "kind": kind,
            "subject.kind": subject.kind,
            "subject.id": subject.id,
            "state": "pending",
            "expires_at": {"$lte": clock.now()},
        },
        {"$set": {"state": "expired"}},
        session=session,
    )


def _record(
    action: str, request: Approval, actor: Actor, *, session: ClientSession, reason: str
) -> None:
    label = f"{request.title}: {request.subject.label or request.subject.id}"
    subject = Subject("approval", request.id, label, customer_of(request.subject))
    audit.record(action, actor=actor, subject=subject, reason=reason, session=session)
