"""What staff set up (canned replies, macros, rules, notes in charts, boards): made, changed and
deleted on what the person saw of it, on record, and taken back from there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import audit, undo
from devora_admin.staff.audit import Actor, AuditRow

Row = dict[str, Any]
_ABOUT = ("revision", "updated_at", "by")
"""Of a document itself, and no value of it."""


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    """Of its subjects and actions in the audit log."""
    noun: str
    documents: Callable[[], Collection[Row]]
    title: str
    """The field that names one."""
    guard: Callable[[Row, Actor], None]
    """Raises Forbidden for who may not change this one."""
    unique: str = ""
    """The field that no two may share."""
    taken: str = ""
    """What is said of one that two would share."""


@dataclass(frozen=True, slots=True)
class Kept:
    id: str
    row_id: str
    """Of the audit log; "" when there was nothing to change."""


def create(kind: Kind, values: Row, *, actor: Actor) -> Kept:
    """Raises InvalidInput, Forbidden."""
    kind.guard(values, actor)
    key, row_id = new_id(), new_id()

    def work(session: ClientSession) -> Kept:
        _insert(kind, key, values, 1, actor, session)
        record(kind, "create", key, values, actor, session, after=values, row_id=row_id)
        return Kept(key, row_id)

    return _stored(kind, work)


def edit(kind: Kind, key: str, values: Row, *, revision: int, actor: Actor) -> Kept:
    """values: those that may have changed. revision: the one the person saw. Raises NotFound,
    Conflict, InvalidInput, Forbidden."""
    row_id = new_id()

    def work(session: ClientSession) -> Kept:
        row = _seen(kind, key, revision, actor, session)
        now = {**row, **values}
        kind.guard(now, actor)
        changed = [name for name in values if row.get(name) != values[name]]
        if not changed:
            return Kept(key, "")
        put(kind, row, {name: values[name] for name in changed}, actor, session)
        before, after = ({name: each.get(name) for name in changed} for each in (row, values))
        record(kind, "edit", key, now, actor, session, before, after, row_id)
        return Kept(key, row_id)

    return _stored(kind, work)


def delete(kind: Kind, key: str, *, revision: int, actor: Actor) -> Kept:
    """Raises NotFound, Conflict, Forbidden."""
    row_id = new_id()

    def work(session: ClientSession) -> Kept:
        row = _seen(kind, key, revision, actor, session)
        _remove(kind, row, session)
        before = {**values_of(row), "revision": revision}
        record(kind, "delete", key, row, actor, session, before=before, row_id=row_id)
        return Kept(key, row_id)

    return _stored(kind, work)


def handle_undo(kind: Kind, *, permission: str) -> None:
    """Called once, when the app is ready."""

    def take_back(row: AuditRow, *, actor: Actor, session: ClientSession) -> None:
        _TAKEN_BACK[row.action.removeprefix(f"{kind.name}.")](kind, row, actor, session)

    for verb in _TAKEN_BACK:
        undo.handles(f"{kind.name}.{verb}", permission=permission)(take_back)


def read(kind: Kind, key: str, session: ClientSession | None = None) -> Row:
    """Raises NotFound."""
    found = kind.documents().find_one({"_id": {"$eq": key}}, session=session)
    if found is None:
        raise NotFound(kind.noun, key)
    return found


def put(
    kind: Kind, row: Row, values: Mapping[str, Any], actor: Actor, session: ClientSession
) -> None:
    """Raises Conflict when it was written in the same moment."""
    change = {**values, "updated_at": clock.now(), "by": actor.label}
    still = {"_id": row["_id"], "revision": row["revision"]}
    update = {"$set": change, "$inc": {"revision": 1}}
    if not kind.documents().update_one(still, update, session=session).matched_count:
        raise _in_the_same_moment(kind)


def _remove(kind: Kind, row: Row, session: ClientSession) -> None:
    still = {"_id": row["_id"], "revision": row["revision"]}
    if not kind.documents().delete_one(still, session=session).deleted_count:
        raise _in_the_same_moment(kind)


def _in_the_same_moment(kind: Kind) -> Conflict:
    return Conflict(f"This {kind.noun} was changed in the same moment. Look at it again.")


def record(
    kind: Kind,
    verb: str,
    key: str,
    row: Row,
    actor: Actor,
    session: ClientSession,
    before: Row | None = None,
    after: Row | None = None,
    row_id: str | None = None,
) -> None:
    audit.record(
        f"{kind.name}.{verb}",
        actor=actor,
        subject=audit.Subject(kind.name, key, str(row[kind.title])),
        before=before or {},
        after=after or {},
        session=session,
        row_id=row_id,
    )


def values_of(row: Mapping[str, Any]) -> Row:
    return {name: row[name] for name in row if name != "_id" and name not in _ABOUT}


def _seen(kind: Kind, key: str, revision: int, actor: Actor, session: ClientSession) -> Row:
    row = read(kind, key, session)
    kind.guard(row, actor)
    if row["revision"] != revision:
        raise Conflict(f"{row['by']} changed this {kind.noun} meanwhile. Nothing was written.")
    return row


def _insert(
    kind: Kind, key: str, values: Row, revision: int, actor: Actor, session: ClientSession
) -> None:
    about = {"revision": revision, "updated_at": clock.now(), "by": actor.label}
    kind.documents().insert_one({"_id": key, **values, **about}, session=session)


def _stored(kind: Kind, work: Callable[[ClientSession], Kept]) -> Kept:
    try:
        return mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise InvalidInput(kind.taken, field=kind.unique) from error


def _take_back_create(kind: Kind, row: AuditRow, actor: Actor, session: ClientSession) -> None:
    stored = _unchanged(kind, row, actor, session)
    _remove(kind, stored, session)
    before = values_of(stored)
    record(kind, "create.undo", row.subject.id, stored, actor, session, before=before)


def _take_back_edit(kind: Kind, row: AuditRow, actor: Actor, session: ClientSession) -> None:
    stored = _unchanged(kind, row, actor, session)
    now = {**stored, **row.before}
    kind.guard(now, actor)
    try:
        put(kind, stored, row.before, actor, session)
    except DuplicateKeyError as error:
        raise Conflict(kind.taken) from error
    record(kind, "edit.undo", row.subject.id, now, actor, session, row.after, row.before)


def _take_back_delete(kind: Kind, row: AuditRow, actor: Actor, session: ClientSession) -> None:
    values = dict(row.before)
    revision = values.pop("revision") + 1
    kind.guard(values, actor)
    if kind.unique and values[kind.unique] != "":
        taken = {kind.unique: values[kind.unique], "owner_id": values.get("owner_id")}
        if kind.documents().find_one(taken, session=session):
            raise Conflict(kind.taken)
    _insert(kind, row.subject.id, values, revision, actor, session)
    record(kind, "delete.undo", row.subject.id, values, actor, session, after=values)


def _unchanged(kind: Kind, row: AuditRow, actor: Actor, session: ClientSession) -> Row:
    stored = read(kind, row.subject.id, session)
    kind.guard(stored, actor)
    if any(stored.get(name) != value for name, value in row.after.items()):
        raise Conflict(f"This {kind.noun} was changed since. Nothing was undone.")
    return stored


_TAKEN_BACK = {
    "create": _take_back_create,
    "edit": _take_back_edit,
    "delete": _take_back_delete,
}
