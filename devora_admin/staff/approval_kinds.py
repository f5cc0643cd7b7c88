"""What may need a second person's approval: the kinds, and one request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, DomainError
from devora_admin.staff.audit import Actor, Subject
from devora_admin.staff.masking import masked_text
from devora_admin.staff.permissions import PERMISSIONS

State = Literal["pending", "approved", "failed", "rejected", "withdrawn", "expired"]


@dataclass(frozen=True, slots=True)
class Approval:
    """A request. approved: agreed to; `done_at` tells whether it was carried out since."""

    id: str
    kind: str
    title: str
    subject: Subject
    params: dict[str, Any]
    reason: str
    asker: Actor
    asked_at: datetime
    expires_at: datetime
    state: State
    decider: Actor | None
    decided_at: datetime | None
    decision: str
    """Why it was approved or rejected."""
    done_at: datetime | None
    url: str
    """What to follow since it was carried out."""
    error: str

    @property
    def is_pending(self) -> bool:
        return self.state == "pending"

    @property
    def is_stuck(self) -> bool:
        """Agreed to and not carried out."""
        return self.state == "failed" or (self.state == "approved" and self.done_at is None)


Perform = Callable[..., str]
Describe = Callable[[Approval], list[str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request."""

    perform: Perform
    permission: str
    title: str
    describe: Describe | None


_KINDS: dict[str, Kind] = {}


def handles(
    kind: str, *, permission: str, title: str, describe: Describe | None = None
) -> Callable[[Perform], Perform]:
    """Registers `perform(request: Approval, *, approver: Actor) -> str`, the address to follow.

    It may be run again after a crash: use `request.id`, for instance as the id of a job.
    permission: what the asker must hold, also when it is decided. title: "Erase a customer".
    describe: the exact consequences, a sentence each, as they are now.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"unknown permission {permission!r}")

    def register(perform: Perform) -> Perform:
        _KINDS[kind] = Kind(perform, permission, title, describe)
        return perform

    return register


def consequences(request: Approval) -> list[str]:
    """What approving would do, in sentences; what cannot be told raises no fault."""
    kind = _KINDS.get(request.kind)
    if kind is None or kind.describe is None:
        return []
    try:
        return kind.describe(request)
    except DomainError as error:
        return [error.message]


def kind_of(request: Approval) -> Kind:
    """Raises Conflict for a kind this release does not know any more."""
    kind = _KINDS.get(request.kind)
    if kind is None:
        raise Conflict("This release does not know this kind of request any more.")
    return kind


def kind_named(name: str) -> Kind:
    return _KINDS[name]


def from_stored(row: Mapping[str, Any]) -> Approval:
    subject = row["subject"]
    expired = row["state"] == "pending" and row["expires_at"] <= clock.now()
    return Approval(
        id=row["_id"],
        kind=row["kind"],
        title=row["title"],
        subject=Subject(subject["kind"], subject["id"], subject["label"], subject["customer_id"]),
        params=row["params"],
        reason=row["reason"],
        asker=_actor(row["asker"]),
        asked_at=row["asked_at"],
        expires_at=row["expires_at"],
        state="expired" if expired else row["state"],
        decider=_actor(row["decider"]) if row["decider"] else None,
        decided_at=row["decided_at"],
        decision=row["decision"],
        done_at=row["done_at"],
        url=row["url"],
        error=row["error"],
    )


def _actor(stored: Mapping[str, str]) -> Actor:
    return Actor(stored["id"], stored["email"], stored["name"], stored["role"])


def customer_of(subject: Subject) -> str:
    return subject.customer_id or (subject.id if subject.kind == "customer" else "")


def stored_subject(subject: Subject) -> dict[str, str]:
    return {
        "kind": subject.kind,
        "id": subject.id,
        "label": masked_text(subject.label),
        "customer_id": customer_of(subject),
    }


def stored_actor(actor: Actor) -> dict[str, str]:
    return {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
