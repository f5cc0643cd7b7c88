"""Remembering what was said, where the platform asks for it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.errors import BulkWriteError

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.memory.documents import notes
from devora_admin.memory.words import is_whole
from devora_admin.projects.queries import thread
from devora_admin.users.erasing import fence

MOST_MESSAGES = 5000
LONGEST_CHARACTERS = 200_000
_LONGEST_ID = 200
_DUPLICATE = 11000
_ERASED = "This customer was erased: nothing about them is kept."


def store_conversation(user_id: str, project_id: str, messages: Sequence[Mapping[str, Any]]) -> int:
    """Keeps the messages that are neither in the project's thread nor kept already, however often
    it is called with the same ones; how many those were.

    messages: {role, content, timestamp?} in their order, as in `conversation_history`.
    Raises InvalidInput, and Conflict when everything about the customer was erased.
    """
    for name, value in (("user_id", user_id), ("project_id", project_id)):
        if not isinstance(value, str) or len(value) > _LONGEST_ID:
            raise InvalidInput(f"{name} must be a text of up to {_LONGEST_ID} characters.")
        if not is_whole(value):
            raise InvalidInput(f"{name} holds half a character.")
    if not user_id:
        raise InvalidInput("user_id is missing: memory belongs to somebody.")
    if len(messages) > MOST_MESSAGES:
        raise InvalidInput(f"Store at most {MOST_MESSAGES:,} messages at once.")
    rows = [_row(user_id, project_id, number, each) for number, each in enumerate(messages)]
    if fence.is_erased(user_id):
        raise Conflict(_ERASED)
    there = set(_said(project_id)) if rows and project_id else set()
    fresh = {row["_id"]: row for row in rows if (row["role"], row["content"]) not in there}
    stored = _insert(list(fresh.values()))
    if stored and fence.is_erased(user_id):
        # It began since, and may have looked here already.
        notes().delete_many({"_id": {"$in": list(fresh)}})
        raise Conflict(_ERASED)
    return stored


def _row(user_id: str, project_id: str, number: int, message: Any) -> dict[str, Any]:
    if not isinstance(message, Mapping):
        raise InvalidInput(f"Message {number + 1} is no object with role and content.")
    role, content = message.get("role"), message.get("content")
    if not isinstance(role, str) or not isinstance(content, str):
        raise InvalidInput(f"Message {number + 1} needs role and content as texts.")
    if len(content) > LONGEST_CHARACTERS:
        raise InvalidInput(f"Message {number + 1} has more than {LONGEST_CHARACTERS:,} characters.")
    # What BSON cannot hold; the rest is kept as it is.
    role, content = (text.encode("utf-8", "replace").decode() for text in (role, content))
    at = message.get("timestamp")
    moment = at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else None
    said = "\0".join((user_id, project_id, role, content)).encode("utf-8", "replace")
    key = hashlib.sha256(said).hexdigest()
    return {
        "_id": key, "id": key, "user_id": user_id, "project_id": project_id, "role": role,
        "content": content, "number": number, "at": moment, "noted_at": clock.now(),
    }  # fmt: skip


def _said(project_id: str) -> Iterator[tuple[str, str]]:
    try:
        for message in thread.every(project_id):
            if isinstance(message, Mapping):
                role, content = message.get("role"), message.get("content")
                if isinstance(role, str) and isinstance(content, str):
                    yield role, content
    except NotFound:
        return


def _insert(rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    try:
        return len(notes().insert_many(rows, ordered=False).inserted_ids)
    except BulkWriteError as error:
        if any(each["code"] != _DUPLICATE for each in error.details["writeErrors"]):
            raise
        inserted: int = error.details["nInserted"]
        return inserted
