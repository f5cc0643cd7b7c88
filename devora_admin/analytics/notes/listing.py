"""All notes and deploys, the latest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.analytics.notes import kinds
from devora_admin.analytics.notes.documents import documents
from devora_admin.core.errors import NotFound
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor

PAGE_SIZE = 50
_SCOPE = "chart_notes"


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: str
    kind: str
    at: datetime
    text: str
    url: str
    by: str
    revision: int
    is_fixed: bool
    """Noticed by the dashboard itself."""

    @property
    def label(self) -> str:
        return kinds.LABELS[self.kind].removesuffix("s")


@dataclass(frozen=True, slots=True)
class NotePage:
    rows: list[NoteRow]
    next: str
    """A cursor, or "" at the end."""


def note_page(cursor: str) -> NotePage:
    """One round trip. Raises InvalidInput for a damaged cursor."""
    wanted: dict[str, Any] = {}
    if cursor:
        at, key = decode_cursor(cursor, scope=_SCOPE).key
        wanted = {"at": {"$lte": at}, "$or": [{"at": {"$lt": at}}, {"_id": {"$lt": key}}]}
    order = [("at", -1), ("_id", -1)]
    found = list(documents().find(wanted).sort(order).limit(PAGE_SIZE + 1))
    rows, more = found[:PAGE_SIZE], ""
    if len(found) > PAGE_SIZE:
        more = encode_cursor(Cursor("after", _SCOPE, (rows[-1]["at"], rows[-1]["_id"])))
    return NotePage([_row(row) for row in rows], more)


def note(key: str) -> NoteRow:
    """Raises NotFound."""
    found = documents().find_one({"_id": {"$eq": key}})
    if found is None:
        raise NotFound("note", key)
    return _row(found)


def _row(row: dict[str, Any]) -> NoteRow:
    return NoteRow(
        row["_id"], row["kind"], row["at"], row["text"], row["url"], row["by"], row["revision"],
        is_fixed=row["source"] == "self",
    )  # fmt: skip
