"""One-time links: to make an account that somebody was invited to, and to get back into one.

Only the SHA-256 of a token is kept. A link is used up by the transaction of what it does.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.contrib.auth.hashers import make_password
from django.urls import reverse
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.ids import new_token
from devora_admin.staff import account, audit, services, throttle
from devora_admin.staff.documents import LINKS
from devora_admin.staff.factors import stored
from devora_admin.staff.models import StaffUser

INVITE_FOR = timedelta(hours=72)
RECOVERY_FOR = timedelta(hours=24)
GONE = "This link was used already, or is too old. Ask an admin for a new one."


@dataclass(frozen=True, slots=True)
class Link:
    id: str
    kind: Literal["invite", "recovery"]
    email: str
    role: str
    name: str
    user_id: str
    """Of a recovery link."""
    reset_second_factor: bool
    created_at: datetime
    expires_at: datetime
    made_by: str


def invite(
    email: str, role: str, name: str, *, actor: audit.Actor, session: ClientSession | None = None
) -> str:
    """The path of the link. Raises InvalidInput for an address that cannot be invited."""
    email = services.check_new(email, role=role)
    if StaffUser.objects.filter(email=email).exists():
        raise services.in_use(email)
    row = {"kind": "invite", "email": email, "role": role, "name": name}
    subject = audit.Subject("staff", "", email)
    return _make(row, INVITE_FOR, "staff.invite", subject, actor, session)


def recovery(
    user_id: str,
    *,
    reset_second_factor: bool,
    actor: audit.Actor,
    session: ClientSession | None = None,
) -> str:
    """The path of the link. Raises NotFound."""
    user = StaffUser.objects.signed_in(user_id)
    if user is None:
        raise NotFound("staff account", user_id)
    row = {
        "kind": "recovery",
        "email": user.email,
        "role": user.role,
        "name": user.name,
        "user_id": str(user.pk),
        "reset_second_factor": reset_second_factor,
    }
    subject = audit.Subject("staff", str(user.pk), user.email)
    return _make(row, RECOVERY_FOR, "staff.recovery_link", subject, actor, session)


def _make(
    row: dict[str, Any],
    lives: timedelta,
    action: str,
    subject: audit.Subject,
    actor: audit.Actor,
    session: ClientSession | None,
) -> str:
    token, now = new_token(), clock.now()

    def work(session: ClientSession) -> None:
        links = mongo.database()[LINKS]
        # The latest link is the one that was meant.
        links.delete_many({"kind": row["kind"], "email": row["email"]}, session=session)
        made = {"created_at": now, "expires_at": now + lives, "made_by": actor.label}
        links.insert_one({"_id": _id_of(token), **row, **made}, session=session)
        keys = ("role", "reset_second_factor")
        after = {key: row[key] for key in keys if key in row}
        audit.record(action, actor=actor, subject=subject, after=after, session=session)

    if session is None:
        mongo.run_in_transaction(work)
    else:
        work(session)
    return reverse("staff:welcome", args=[token])


def find(token: str) -> Link | None:
    """The link of this token while it is good."""
    row = mongo.database()[LINKS].find_one({"_id": _id_of(token), **_good()})
    return _link(row) if row else None


def open_links(kind: str) -> list[Link]:
    """Those not used yet, the latest first."""
    rows = mongo.database()[LINKS].find({"kind": kind, **_good()}).sort("created_at", -1).limit(200)
    return [_link(row) for row in rows]


def withdraw(link_id: str, *, actor: audit.Actor) -> Link:
    """Raises Conflict when it was used or withdrawn meanwhile."""

    def work(session: ClientSession) -> Link:
        link = _use(link_id, session)
        subject = audit.Subject("staff", link.user_id, link.email)
        audit.record(f"staff.{link.kind}.withdraw", actor=actor, subject=subject, session=session)
        return link

    return mongo.run_in_transaction(work)


def accept_invite(token: str, *, name: str, password: str, address: str) -> StaffUser:
    """Makes the account. Raises InvalidInput, or Conflict when the link is used up."""
    account.check_password(password)
    hashed = make_password(password)

    def work(session: ClientSession) -> StaffUser:
        link = _use(_id_of(token), session, kind="invite")
        user = services.insert(
            link.email, role=link.role, name=name, hashed=hashed, session=session
        )
        after = {"email": link.email, "role": link.role, "invited_by": link.made_by}
        _record("staff.create", user, address, session, after=after)
        return user

    try:
        return mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise Conflict("There is an account for this address already. Sign in.") from error


def accept_recovery(token: str, *, password: str, address: str) -> StaffUser:
    """Sets the password and ends every session. Raises InvalidInput, or Conflict."""
    account.check_password(password)
    hashed = make_password(password)

    def work(session: ClientSession) -> StaffUser:
        link = _use(_id_of(token), session, kind="recovery")
        user = StaffUser.objects.signed_in(link.user_id)
        if user is None or not user.is_active:
            raise Conflict("This account is disabled. Ask an admin.")
        account.set_password(user, hashed, session=session)
        if link.reset_second_factor:
            stored.forget_all(link.user_id, session=session)
        after = {"second_factor": "reset"} if link.reset_second_factor else None
        _record("staff.recover", user, address, session, after=after)
        return user

    user = mongo.run_in_transaction(work)
    # Whoever was guessing does not keep out who has just come back.
    for key in (f"account:{user.email}", f"code:{user.pk}"):
        throttle.clear_attempts(key)
    fresh = StaffUser.objects.signed_in(user.pk)
    return fresh or user


def _use(link_id: str, session: ClientSession, **condition: str) -> Link:
    used = mongo.database()[LINKS].find_one_and_delete(
        {"_id": link_id, **condition, **_good()}, session=session
    )
    if used is None:
        raise Conflict(GONE)
    return _link(used)


def _record(
    action: str, user: StaffUser, address: str, session: ClientSession, **values: Any
) -> None:
    subject = audit.Subject("staff", str(user.pk), user.email)
    actor = audit.actor_for(user, address=address)
    audit.record(action, actor=actor, subject=subject, session=session, **values)


def _good() -> dict[str, Any]:
    return {"expires_at": {"$gt": clock.now()}}


def _id_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _link(row: dict[str, Any]) -> Link:
    return Link(
        id=row["_id"],
        kind=row["kind"],
        email=row["email"],
        role=row["role"],
        name=row["name"],
        user_id=row.get("user_id", ""),
        reset_second_factor=row.get("reset_second_factor", False),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        made_by=row["made_by"],
    )
