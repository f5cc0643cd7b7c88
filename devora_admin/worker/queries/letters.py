"""Dead letters, as their pages show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import consumers
from devora_admin.core.errors import NotFound
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor
from devora_admin.worker.following.letters import MOST_TRIES, letters

PAGE_SIZE = 50
_SCOPE = "dead-letters"
_KEY_CHARACTERS = 80
_SHOWN = {"change.contents": 0}


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    consumer: str
    """What the consumer does, in words."""
    collection: str
    key: str
    document_id: str
    """The platform's id of the document, "" when nothing tells."""
    customer_id: str
    kind: str
    paths: tuple[str, ...]
    error: str
    tries: int
    changes: int
    """How many were set aside."""
    first_at: datetime
    last_at: datetime
    due_at: datetime | None
    """When it is tried again by itself."""

    @property
    def error_line(self) -> str:
        return self.error.partition("\n")[0]

    @property
    def where(self) -> str:
        return self.error.partition("\n")[2]

    @property
    def page(self) -> str:
        """The route that shows the document, "" without one."""
        return {"projects": "projects:detail", "users": "users:detail"}.get(self.collection, "")


@dataclass(frozen=True, slots=True)
class LettersPage:
    letters: list[Letter]
    next: str
    """A cursor, or "" at the end."""


def letters_page(cursor: str) -> LettersPage:
    """The latest first. Raises InvalidInput for a damaged cursor."""
    condition: dict[str, Any] = {}
    if cursor:
        at, letter_id = decode_cursor(cursor, scope=_SCOPE).key
        condition = {"$or": [{"last_at": {"$lt": at}}, {"last_at": at, "_id": {"$lt": letter_id}}]}
    order = [("last_at", -1), ("_id", -1)]
    found = list(letters().find(condition, _SHOWN).sort(order).limit(PAGE_SIZE + 1))
    rows = found[:PAGE_SIZE]
    more = ""
    if len(found) > PAGE_SIZE:
        more = encode_cursor(Cursor("after", _SCOPE, (rows[-1]["last_at"], rows[-1]["_id"])))
    return LettersPage([_letter(row) for row in rows], more)


def letter(letter_id: str) -> Letter:
    """Raises NotFound: it may have been handled meanwhile."""
    row = letters().find_one({"_id": letter_id}, _SHOWN)
    if row is None:
        raise NotFound("dead letter", letter_id)
    return _letter(row)


def _letter(row: dict[str, Any]) -> Letter:
    consumer = consumers.find(row["consumer"])
    return Letter(
        id=row["_id"],
        consumer=consumer.label if consumer else row["consumer"],
        collection=row["collection"],
        key=str(row["key"])[:_KEY_CHARACTERS],
        document_id=row.get("document_id", ""),
        customer_id=row.get("user_id", ""),
        kind=row["change"]["kind"],
        paths=tuple(row["change"]["paths"]),
        error=row["error"],
        tries=min(row["tries"], MOST_TRIES) if row.get("due_at") else row["tries"],
        changes=row["changes"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        due_at=row.get("due_at"),
    )
