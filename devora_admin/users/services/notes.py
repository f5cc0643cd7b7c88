"""Notes that staff keep about a customer. The customer never sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from pymongo import DESCENDING
from pymongo.client_session import ClientSession

from devora_admin.core import clock, markup, mongo
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.users.documents import NOTES
from devora_admin.users.services import fields, texts
from devora_admin.users.services.fields import Done

MAX_TEXT = 10_000
SHOWN = 20
_KEPT = ("text", "author", "created_at", "edited_at")


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    text: str
    html: SafeString
    author_id: str
    author: str
    created_at: datetime
    edited_at: datetime | None


def latest_stages(user_id: str) -> list[dict[str, Any]]:
    """Reads the latest notes about one customer, for `notes_of`."""
    order = {"created_at": DESCENDING, "_id": DESCENDING}
    return [{"$match": {"user_id": user_id}}, {"$sort": order}, {"$limit": SHOWN}]


def latest(user_id: str) -> list[Note]:
    return notes_of(mongo.database()[NOTES].aggregate(latest_stages(user_id)))


def notes_of(rows: Iterable[Mapping[str, Any]]) -> list[Note]:
    return [_note(row) for row in rows]


def own_note(user_id: str, note_id: str, *, staff_id: str) -> Note:
    """Raises NotFound, and Forbidden for the note of somebody else."""
    return _note(_own(user_id, note_id, staff_id, None))


def add_note(user_id: str, *, text: str, actor: audit.Actor) -> Done:
    """Raises NotFound when there is no such customer, InvalidInput (field text)."""
    text = _checked(text)
    note_id, row_id = new_id(), new_id()

    def work(session: ClientSession) -> Done:
        found = fields.decoded(fields.read(user_id, session=session))
        mongo.database()[NOTES].insert_one(
            {
                "_id": note_id,
                "user_id": user_id,
                "text": text,
                "author": {"id": actor.id, "name": actor.label},
                "created_at": clock.now(),
            },
            session=session,
        )
        _record("add", found, user_id, {}, {"note": note_id, "text": text}, actor, session, row_id)
        return Done(fields.label_of(found, user_id), row_id)

    return mongo.run_in_transaction(work)


def edit_note(user_id: str, note_id: str, *, text: str, expected: str, actor: audit.Actor) -> Done:
    """expected: the text the person saw; another one is a Conflict."""
    text = _checked(text)
    row_id = new_id()

    def work(session: ClientSession) -> Done:
        stored = _own(user_id, note_id, actor.id, session)
        if stored["text"].strip() != expected.strip():
            raise Conflict("This note was changed in another window. Nothing was written.")
        if stored["text"] == text:
            return Done("", "")
        found = fields.decoded(fields.read(user_id, session=session))
        mongo.database()[NOTES].update_one(
            {"_id": note_id}, {"$set": {"text": text, "edited_at": clock.now()}}, session=session
        )
        before = {"note": note_id, "text": stored["text"]}
        after = {"note": note_id, "text": text}
        _record("edit", found, user_id, before, after, actor, session, row_id)
        return Done(fields.label_of(found, user_id), row_id)

    return mongo.run_in_transaction(work)


def delete_note(user_id: str, note_id: str, *, actor: audit.Actor) -> Done:
    row_id = new_id()

    def work(session: ClientSession) -> Done:
        stored = _own(user_id, note_id, actor.id, session)
        found = fields.decoded(fields.read(user_id, session=session))
        mongo.database()[NOTES].delete_one({"_id": note_id}, session=session)
        before = {"note": note_id} | {key: stored[key] for key in _KEPT if key in stored}
        _record("delete", found, user_id, before, {}, actor, session, row_id)
        return Done(fields.label_of(found, user_id), row_id)

    return mongo.run_in_transaction(work)


def _own(
    user_id: str, note_id: str, staff_id: str, session: ClientSession | None
) -> dict[str, Any]:
    condition = {"_id": {"$eq": note_id}, "user_id": {"$eq": user_id}}
    stored = mongo.database()[NOTES].find_one(condition, session=session)
    if stored is None:
        raise NotFound("note", note_id)
    if stored["author"]["id"] != staff_id:
        raise Forbidden("Only who wrote a note may change it.")
    return stored


def _checked(text: str) -> str:
    text = texts.checked(text.replace("\r\n", "\n"), field="text", label="The note", limit=MAX_TEXT)
    if not text:
        raise InvalidInput("Write something.", field="text")
    return text


def _record(
    verb: str,
    found: dict[str, Any],
    user_id: str,
    before: dict[str, Any],
    after: dict[str, Any],
    actor: audit.Actor,
    session: ClientSession,
    row_id: str,
) -> None:
    audit.record(
        f"users.note.{verb}",
        actor=actor,
        subject=fields.subject_of(found, user_id),
        before=before,
        after=after,
        session=session,
        row_id=row_id,
    )


def _note(row: Mapping[str, Any]) -> Note:
    return Note(
        id=row["_id"],
        text=row["text"],
        html=markup.markdown(row["text"]),
        author_id=row["author"]["id"],
        author=row["author"]["name"],
        created_at=row["created_at"],
        edited_at=row.get("edited_at"),
    )
