"""Changes to a project as a whole. Each leaves its audit row in the transaction of the change."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from devora_admin.core.ids import new_id
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.projects.documents import (
    MAX_DOCUMENT_BYTES,
    archive,
    conversations,
    projects,
    shown_name,
)
from devora_admin.projects.queries import thread_bytes
from devora_admin.projects.services import marking
from devora_admin.projects.services.archiving import Owner, Place, parts_of
from devora_admin.staff import audit
from devora_admin.users import queries as customers

MAX_NAME = 200
MAX_DESCRIPTION = 5000
KEPT_CHARS = 10_000
"""Of a text in the audit log."""

_READ = {"id": 1, "user_id": 1, "name": 1, "description": 1, "archived_at": 1}


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be set and unset, only while `before` still holds."""

    action: str
    before: dict[str, Any]
    after: dict[str, Any]
    set: dict[str, Any] = field(default_factory=dict)
    unset: tuple[str, ...] = ()


def rename(project_id: str, *, name: str, actor: audit.Actor, expected: str | None = None) -> str:
    """Returns the name as stored. expected: the name the person saw; another one is a Conflict."""
    name = _text(name, "name", "The name", MAX_NAME)
    if not name:
        raise InvalidInput("Give the project a name.", field="name")
    _set_text(project_id, "name", name, action="project.rename", actor=actor, expected=expected)
    return name


def describe(
    project_id: str, *, description: str, actor: audit.Actor, expected: str | None = None
) -> None:
    text = _text(description, "description", "The description", MAX_DESCRIPTION)
    _set_text(
        project_id, "description", text, action="project.describe", actor=actor, expected=expected
    )


def archive_project(project_id: str, *, actor: audit.Actor) -> str:
    """Returns the project's name. Raises NotFound, or Conflict when it is archived already."""

    def plan(found: dict[str, Any]) -> Change:
        if found.get("archived_at") is not None:
            raise Conflict("This project is archived already.")
        now = clock.now()
        before = {"archived_at": None}
        return Change("project.archive", before, {"archived_at": now}, {"archived_at": now})

    return _change(project_id, plan, actor=actor)


def restore_project(project_id: str, *, actor: audit.Actor) -> str:
    """Returns the project's name. Raises NotFound, or Conflict when it is not archived."""

    def plan(found: dict[str, Any]) -> Change:
        if found.get("archived_at") is None:
            raise Conflict("This project is not archived.")
        before = {"archived_at": found["archived_at"]}
        return Change("project.restore", before, {"archived_at": None}, unset=("archived_at",))

    return _change(project_id, plan, actor=actor)


def transfer(project_id: str, *, user_id: str, actor: audit.Actor) -> str:
    """Gives the project, with its whole conversation, to another customer; returns its name.

    Raises InvalidInput (field user_id) when that customer is unknown, suspended or the owner.
    """
    user_id = _text(user_id, "user_id", "The customer", 200)

    def work(session: ClientSession) -> str:
        check_receiver(user_id, session)

        def plan(found: dict[str, Any]) -> Change:
            if found.get("user_id") == user_id:
                raise InvalidInput("This customer owns the project already.", field="user_id")
            before = {"user_id": found.get("user_id")}
            return Change("project.transfer", before, {"user_id": user_id}, {"user_id": user_id})

        name = apply(project_id, plan, actor=actor, session=session)
        hand_over_conversation(project_id, user_id, session=session)
        return name

    return mongo.run_in_transaction(work)


def hand_over_conversation(project_id: str, user_id: str, *, session: ClientSession) -> None:
    """What is kept of it beside the project gets the project's new owner."""
    for collection in (conversations(), archive()):
        collection.update_many(
            {"project_id": project_id}, {"$set": {"user_id": user_id}}, session=session
        )


def duplicate(project_id: str, *, actor: audit.Actor) -> str:
    """Copies everything the project holds, known or not, byte for byte; returns the copy's id."""
    copy_id = new_id()
    object_id = ObjectId()

    def work(session: ClientSession) -> str:
        source = projects().with_options(codec_options=raw_bson.RAW)
        found = source.find_one({"id": project_id}, session=session)
        if found is None:
            raise NotFound("project", project_id)
        parts = raw_bson.elements(bytes(found.raw))
        owner = _text_of(parts, "user_id")
        name = f"Copy of {shown_name(_text_of(parts, 'name'))}"[:MAX_NAME]
        now = clock.now()
        fresh = {
            "_id": object_id, "id": copy_id, "name": name,
            "created_at": now, "updated_at": now, "revision": 0,
            marking.FIELD: marking.edited_by(actor, "project.duplicate", at=now),
        }  # fmt: skip
        parts, archived = _with_whole_conversation(parts, project_id, copy_id, session)
        copy = _with(parts, fresh, without="archived_at")
        if len(copy.raw) > MAX_DOCUMENT_BYTES:
            raise TooLarge("This project is too close to 16 MB to be copied.")
        source.insert_one(copy, session=session)
        for part in archived:
            archive().with_options(codec_options=raw_bson.RAW).insert_one(part, session=session)
        audit.record(
            "project.duplicate",
            actor=actor,
            subject=audit.Subject("project", copy_id, name, owner),
            before=None,
            after={"id": copy_id, "name": name, "copied_from": project_id},
            session=session,
        )
        return copy_id

    try:
        return mongo.run_in_transaction(work)
    except PyMongoError as error:
        if mongo.is_too_large(error):
            raise TooLarge("This project is too close to 16 MB to be copied.") from error
        raise


def _with_whole_conversation(
    parts: list[Element], project_id: str, copy_id: str, session: ClientSession
) -> tuple[list[Element], Iterator[RawBSONDocument]]:
    """What the copy consists of, and what of its conversation is kept beside it.

    The copy has nothing in the deprecated collection: what comes from there is archived.
    """
    around = thread_bytes.beside(project_id, session=session)
    later = list(around.after)
    named = {part.name: part for part in parts}
    history = named.get("conversation_history")
    if later and history and history.kind == ARRAY:
        whole = raw_bson.build_array([*raw_bson.elements(history.data), *later])
        longer = Element(ARRAY, history.name, whole)
        parts, later = [longer if part is history else part for part in parts], []
    owner = Owner(copy_id, named.get("user_id"))
    return parts, parts_of(chain(around.before, later), owner=owner, place=Place())


def _change(
    project_id: str, plan: Callable[[dict[str, Any]], Change | None], *, actor: audit.Actor
) -> str:
    return mongo.run_in_transaction(
        lambda session: apply(project_id, plan, actor=actor, session=session)
    )


def apply(
    project_id: str,
    plan: Callable[[dict[str, Any]], Change | None],
    *,
    actor: audit.Actor,
    session: ClientSession,
) -> str:
    """Reads, plans and writes within one snapshot: a change in between makes MongoDB start over."""
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    found = collection.find_one({"id": project_id}, _READ, session=session)
    if found is None:
        raise NotFound("project", project_id)
    change = plan(found)
    if change is None:
        return _name(found)
    update: dict[str, Any] = {"$set": {**change.set, "updated_at": clock.now()}}
    if change.unset:
        update["$unset"] = dict.fromkeys(change.unset, "")
    # The owner is part of the condition: it is the shard key.
    still = {"_id": found["_id"], "id": project_id, **_unchanged(found, "user_id")}
    if not collection.update_one(still, update, session=session).matched_count:
        raise Conflict("This project was changed by someone else meanwhile. Nothing was written.")
    audit.record(
        change.action,
        actor=actor,
        subject=audit.Subject("project", project_id, _name(found), str(found.get("user_id", ""))),
        before={key: _brief(value) for key, value in change.before.items()},
        after=change.after,
        session=session,
    )
    return _name({**found, **change.set})


def _brief(value: Any) -> Any:
    if isinstance(value, str) and len(value) > KEPT_CHARS:
        return value[:KEPT_CHARS] + f"… ({len(value):,} characters)"
    return value


def _unchanged(found: dict[str, Any], key: str) -> dict[str, Any]:
    return {key: {"$eq": found[key]} if key in found else {"$exists": False}}


def _set_text(
    project_id: str,
    key: str,
    text: str,
    *,
    action: str,
    actor: audit.Actor,
    expected: str | None,
) -> None:
    def plan(found: dict[str, Any]) -> Change | None:
        current = found.get(key)
        if current == text:
            return None
        if expected is not None and expected != (current if isinstance(current, str) else ""):
            raise Conflict(
                f"Someone else changed the {key} meanwhile; it is now “{str(current)[:200]}”.",
                detail={"current": str(current)},
            )
        return Change(action, {key: current}, {key: text}, {key: text})

    _change(project_id, plan, actor=actor)


def _text(value: str, key: str, label: str, limit: int) -> str:
    text = value.strip()
    if "\0" in text:
        raise InvalidInput(f"{label} must not contain a NUL character.", field=key)
    if len(text) > limit:
        raise InvalidInput(
            f"{label} may have {limit:,} characters; this has {len(text):,}.", field=key
        )
    return text


def check_receiver(user_id: str, session: ClientSession) -> None:
    if not user_id:
        raise InvalidInput("Choose a customer.", field="user_id")
    standing = customers.standing(user_id, session=session)
    if standing is None:
        raise InvalidInput("There is no customer with this id.", field="user_id")
    if standing != "active":
        raise InvalidInput(f"This customer is {standing}. Choose another.", field="user_id")


def _name(found: dict[str, Any]) -> str:
    return shown_name(found.get("name"))


def _text_of(parts: list[raw_bson.Element], key: str) -> str:
    for part in parts:
        if part.name == key:
            value = part.decoded()
            return value if isinstance(value, str) else ""
    return ""


def _with(parts: list[raw_bson.Element], fresh: dict[str, Any], *, without: str) -> RawBSONDocument:
    """The same document with some values exchanged where they stand; absent ones go last."""
    made = {key: raw_bson.element(value, key) for key, value in fresh.items()}
    kept = [made.pop(part.name, part) for part in parts if part.name != without]
    return RawBSONDocument(raw_bson.build([*kept, *made.values()]))
