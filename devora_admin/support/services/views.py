"""Saved views of the inbox: one's own, and those shared with the team.

A deleted one is kept for a day, so that it can be put back; the audit log holds its name alone, as
an address may name a customer.
"""

from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.staff.permissions import ROLES
from devora_admin.support.documents import saved_views
from devora_admin.users.services import texts

MAX_NAME = 60
MAX_QUERY = 1_500
MOST = 30
MANAGE = "issues.manage"
Row = dict[str, Any]


def save(name: str, query: str, *, is_shared: bool, actor: audit.Actor) -> str:
    """Returns its id. query: the list's address. Raises InvalidInput, Forbidden."""
    name = texts.name(name, limit=MAX_NAME)
    if len(query) > MAX_QUERY:
        raise InvalidInput("These filters are too long to be saved. Leave one out.", field="name")
    if is_shared:
        _may_share(actor)
    row: Row = {
        "_id": new_id(), "name": name, "query": query, "owner_id": actor.id,
        "is_shared": is_shared, "created_at": clock.now(), "revision": 1,
    }  # fmt: skip

    def work(session: ClientSession) -> None:
        own = {"owner_id": actor.id, "deleted_at": None}
        if saved_views().count_documents(own, session=session, limit=MOST) >= MOST:
            raise InvalidInput(f"You have {MOST} views. Delete one first.", field="name")
        saved_views().insert_one(row, session=session)
        _record("save", row, actor, session, after={"name": name, "shared": is_shared})

    mongo.run_in_transaction(work)
    return str(row["_id"])


def change(view_id: str, *, name: str, is_shared: bool, seen: int, actor: audit.Actor) -> None:
    """seen: the revision the person saw. Raises NotFound, Forbidden, Conflict, InvalidInput."""
    name = texts.name(name, limit=MAX_NAME)

    def work(session: ClientSession) -> None:
        row = own(view_id, actor=actor, session=session)
        if is_shared != row["is_shared"]:
            _may_share(actor)
        put = {"name": name, "is_shared": is_shared}
        _write(row, {"$set": put}, seen, session)
        before = {"name": row["name"], "shared": row["is_shared"]}
        after = {"name": name, "shared": is_shared}
        _record("change", row, actor, session, before=before, after=after)

    mongo.run_in_transaction(work)


def delete(view_id: str, *, actor: audit.Actor) -> str:
    """Returns the row of the audit log, which an undo names."""
    row_id = new_id()

    def work(session: ClientSession) -> None:
        row = own(view_id, actor=actor, session=session)
        _write(row, {"$set": {"deleted_at": clock.now()}}, row["revision"], session)
        _record("delete", row, actor, session, before={"name": row["name"]}, row_id=row_id)

    mongo.run_in_transaction(work)
    return row_id


def put_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    """Undoes a deletion. Raises Conflict when it is gone for good, or back already."""
    found = saved_views().find_one({"_id": row.subject.id}, session=session)
    if found is None or not found.get("deleted_at"):
        raise Conflict("This view is not there to be put back.")
    _check_own(found, actor)
    _write(found, {"$unset": {"deleted_at": ""}}, found["revision"], session)
    _record("delete.undo", found, actor, session, after={"name": found["name"]})


def own(view_id: str, *, actor: audit.Actor, session: ClientSession | None = None) -> Row:
    """One that this person may change: their own, or a shared one for who sets up. Raises NotFound,
    Forbidden."""
    row = saved_views().find_one({"_id": {"$eq": view_id}, "deleted_at": None}, session=session)
    if row is None or not (row["is_shared"] or row["owner_id"] == actor.id):
        raise NotFound("view", view_id)
    _check_own(row, actor)
    return row


def _check_own(row: Row, actor: audit.Actor) -> None:
    if row["owner_id"] != actor.id and MANAGE not in ROLES.get(actor.role, ()):
        raise Forbidden("Only who saved a view may change it.")


def _may_share(actor: audit.Actor) -> None:
    if MANAGE not in ROLES.get(actor.role, ()):
        raise Forbidden(f"Your role, {actor.role}, does not allow sharing views.")


def _write(row: Row, update: Row, seen: int, session: ClientSession) -> None:
    still = {"_id": row["_id"], "revision": seen}
    update = {**update, "$inc": {"revision": 1}}
    if not saved_views().update_one(still, update, session=session).matched_count:
        raise Conflict("This view was changed in another window. Look at it again.")


def _record(verb: str, row: Row, actor: audit.Actor, session: ClientSession, **values: Any) -> None:
    audit.record(
        f"saved_view.{verb}",
        actor=actor,
        subject=audit.Subject("saved_view", row["_id"], row["name"]),
        session=session,
        **values,
    )
