"""Changes admins make to each other's accounts. What adds rights is asked for in staff.grants."""

from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from devora_admin.staff import account, audit, links, sessions
from devora_admin.staff.documents import STAFF
from devora_admin.staff.factors.stored import factors_of
from devora_admin.staff.permissions import ROLES

DECIDES = "approvals.decide"
Row = dict[str, Any]


def adds_rights(before: str, after: str) -> bool:
    """Raises InvalidInput for an unknown role."""
    if after not in ROLES:
        raise InvalidInput(f"The role must be one of {', '.join(ROLES)}.", field="role")
    return not ROLES[after] <= ROLES.get(before, frozenset())


def disable(user_id: str, *, reason: str, actor: audit.Actor) -> None:
    """Ends every session too. Raises NotFound, Forbidden, Conflict."""

    def work(session: ClientSession) -> None:
        row = _others(user_id, actor, session)
        if not row["is_active"]:
            raise Conflict("This account is disabled already.")
        _keep_an_admin(row, session)
        _change(row, {"is_active": False}, session)
        account.end_access(user_id, session=session)
        _record("staff.disable", row, actor, session, reason=reason)

    mongo.run_in_transaction(work)


def enable(user_id: str, *, actor: audit.Actor) -> None:
    """The account has the rights again that were agreed to once."""

    def work(session: ClientSession) -> None:
        row = _others(user_id, actor, session)
        if row["is_active"]:
            raise Conflict("This account is not disabled.")
        _change(row, {"is_active": True}, session)
        _record("staff.enable", row, actor, session)

    mongo.run_in_transaction(work)


def lower_role(user_id: str, *, role: str, reason: str, actor: audit.Actor) -> None:
    """Raises Forbidden for a role that adds rights: those are asked for."""

    def work(session: ClientSession) -> None:
        row = _others(user_id, actor, session)
        if adds_rights(row["role"], role):
            raise Forbidden("This role adds rights: a second person has to agree.")
        set_role(row, role, actor=actor, session=session, reason=reason)

    mongo.run_in_transaction(work)


def set_role(
    row: Row, role: str, *, actor: audit.Actor, session: ClientSession, reason: str
) -> None:
    """Within a transaction that has checked who may. Ends every session."""
    if row["role"] == role:
        raise InvalidInput("This is the role already.", field="role")
    if DECIDES not in ROLES[role]:
        _keep_an_admin(row, session)
    _change(row, {"role": role}, session)
    # A link that was right to hand out for the role of before may be too much for this one.
    account.end_access(str(row["_id"]), session=session)
    _record(
        "staff.role", row, actor, session,
        before={"role": row["role"]}, after={"role": role}, reason=reason,
    )  # fmt: skip


def end_session(user_id: str, ref: str, *, actor: audit.Actor) -> None:
    """ref: of a session in `sessions.of_account`."""

    def work(session: ClientSession) -> None:
        row = read(user_id, session)
        if not sessions.end_one(user_id, ref, session=session):
            raise Conflict("This session has ended already.")
        _record("staff.session.end", row, actor, session)

    mongo.run_in_transaction(work)


def end_all_sessions(user_id: str, *, actor: audit.Actor) -> None:
    def work(session: ClientSession) -> None:
        row = _others(user_id, actor, session)
        sessions.end_all(user_id, session=session)
        _record("staff.session.end_all", row, actor, session)

    mongo.run_in_transaction(work)


def recovery_link(user_id: str, *, reset_second_factor: bool, actor: audit.Actor) -> str:
    """The path of the link, shown once. Raises NotFound, Forbidden, Conflict."""

    def work(session: ClientSession) -> str:
        row = _others(user_id, actor, session)
        if not row["is_active"]:
            raise Conflict("This account is disabled.")
        # Whoever has both the link and no second factor to pass is that person, and approves.
        if DECIDES in ROLES.get(row["role"], frozenset()):
            if reset_second_factor:
                raise Forbidden("The second factor of who approves is reset on the server alone.")
            if not factors_of(user_id, session=session).is_enough:
                raise Forbidden(
                    "This account approves and has no second factor yet, so that a link would be "
                    "all it takes: make one on the server, with “manage.py staff_link”."
                )
        return links.recovery(
            user_id, reset_second_factor=reset_second_factor, actor=actor, session=session
        )

    return mongo.run_in_transaction(work)


def read(user_id: str, session: ClientSession | None = None) -> Row:
    """Raises NotFound."""
    try:
        key = ObjectId(user_id)
    except InvalidId as error:
        raise NotFound("staff account", user_id) from error
    found = mongo.database()[STAFF].find_one({"_id": key}, session=session)
    if found is None:
        raise NotFound("staff account", user_id)
    return found


def _others(user_id: str, actor: audit.Actor, session: ClientSession) -> Row:
    if user_id == actor.id:
        raise Forbidden("Nobody does this to their own account. Ask another admin.")
    return read(user_id, session)


def _keep_an_admin(row: Row, session: ClientSession) -> None:
    """Raises Conflict when nobody else would be left to decide.

    The others are written to, so that of two such changes at once MongoDB lets one start over.
    """
    deciders = [role for role, rights in ROLES.items() if DECIDES in rights]
    if row["role"] not in deciders or not row["is_active"]:
        return
    others = {"_id": {"$ne": row["_id"]}, "role": {"$in": deciders}, "is_active": True}
    counted = mongo.database()[STAFF].update_many(
        others, {"$set": {"relied_on_at": clock.now(), "relied_on_for": row["_id"]}},
        session=session,
    )  # fmt: skip
    if not counted.matched_count:
        raise Conflict("This is the last active admin. Make another one first.")


def _change(row: Row, values: Row, session: ClientSession) -> None:
    still = {"_id": row["_id"], "role": row["role"], "is_active": row["is_active"]}
    changed = mongo.database()[STAFF].update_one(still, {"$set": values}, session=session)
    if not changed.matched_count:
        raise Conflict("This account was changed by someone else meanwhile.")


def _record(
    action: str, row: Row, actor: audit.Actor, session: ClientSession, **values: Any
) -> None:
    subject = audit.Subject("staff", str(row["_id"]), row["email"])
    audit.record(action, actor=actor, subject=subject, session=session, **values)
