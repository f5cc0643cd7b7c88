"""The record of who did what. Rows are only ever added, in the transaction of their change."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.http import client_address
from devora_admin.core.ids import new_id
from devora_admin.staff.documents import AUDIT_LOG

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


@dataclass(frozen=True, slots=True)
class Subject:
    kind: str
    id: str
    label: str = ""
    customer_id: str = ""


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
) -> None:
    """Adds one row. Pass the `session` of the change's transaction, so that both or neither hold.

    before, after: only the values that changed, never a secret.
    reason: what the person gave as the reason, where one is asked for.
    row_id: a chosen id makes the row idempotent; adding it twice raises DuplicateKeyError.
    """
    mongo.database()[AUDIT_LOG].insert_one(
        {
            "_id": row_id or new_id(),
            "at": clock.now(),
            "action": action,
            "actor": {"id": actor.id, "email": actor.email, "role": actor.role},
            "subject": {"kind": subject.kind, "id": subject.id, "label": subject.label},
            "customer_id": subject.customer_id,
            "before": before,
            "after": after,
            "reason": reason,
            "address": actor.address,
            "request_id": actor.request_id,
        },
        session=session,
    )


def latest_subjects(*, actor_id: str, kind: str, limit: int) -> list[str]:
    """Ids of what this person changed, the latest first, each once."""
    rows = (
        mongo.database()[AUDIT_LOG]
        .find({"actor.id": actor_id, "subject.kind": kind}, {"subject.id": 1})
        .sort("at", -1)
        .limit(limit * 8)  # several changes to one subject are common
    )
    return list(dict.fromkeys(row["subject"]["id"] for row in rows))[:limit]


def has_done(action: str, *, subject_id: str, request_id: str) -> bool:
    """Whether this request or job changed the project already: what a resumed job asks."""
    row = mongo.database()[AUDIT_LOG].find_one(
        {
            "subject.kind": "project",
            "subject.id": subject_id,
            "action": action,
            "request_id": request_id,
        },
        {"_id": 1},
    )
    return row is not None
