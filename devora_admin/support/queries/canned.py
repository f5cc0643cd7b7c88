"""Canned replies: those that everybody has, and those that somebody keeps for themselves."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.support.documents import canned

MOST = 500
"""Read at once, of everybody's and of one's own."""
_SNIPPET = 160
_FIELDS = {
    "title": 1, "word": 1, "tags": 1, "owner_id": 1, "revision": 1,
    "snippet": {"$substrCP": ["$text", 0, _SNIPPET]},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CannedRow:
    id: str
    title: str
    word: str
    """Typed after a slash, stands for it. "" without one."""
    snippet: str
    """How the text begins."""
    tags: tuple[str, ...]
    is_own: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Canned:
    id: str
    title: str
    word: str
    text: str
    tags: tuple[str, ...]
    owner_id: str
    """"" for what everybody may use."""
    revision: int


def canned_of(staff_id: str) -> list[CannedRow]:
    """Theirs first, each by title."""
    return [*_rows(staff_id), *_rows("")]


def found_for(staff_id: str, words: str, tags: Collection[str]) -> list[CannedRow]:
    """Those with all the words somewhere; the ones that share a tag with the issue first."""
    wanted = words.casefold().lstrip("/").split()
    rows = [row for row in canned_of(staff_id) if _holds(row, wanted)]
    shared = set(tags)
    return sorted(rows, key=lambda row: not shared & set(row.tags))


def one(key: str, staff_id: str) -> Canned:
    """Raises NotFound, also for what somebody else keeps for themselves."""
    whose = {"$in": ["", staff_id]}
    row = canned().find_one({"_id": {"$eq": key}, "owner_id": whose})
    if row is None:
        raise NotFound("canned reply", key)
    return Canned(
        id=row["_id"],
        title=row["title"],
        word=row["word"],
        text=row["text"],
        tags=tuple(row["tags"]),
        owner_id=row["owner_id"],
        revision=row["revision"],
    )


def words_of(staff_id: str) -> dict[str, str]:
    """Ids by word. One's own go before everybody's."""
    found = {row.word: row.id for row in reversed(canned_of(staff_id)) if row.word}
    return dict(sorted(found.items()))


def _rows(owner_id: str) -> Iterator[CannedRow]:
    found = canned().find({"owner_id": {"$eq": owner_id}}, _FIELDS).sort("title", 1).limit(MOST)
    return map(_row, found)


def _row(row: dict[str, Any]) -> CannedRow:
    return CannedRow(
        id=row["_id"],
        title=row["title"],
        word=row["word"],
        snippet=" ".join(row["snippet"].split()),
        tags=tuple(row["tags"]),
        is_own=bool(row["owner_id"]),
        revision=row["revision"],
    )


def _holds(row: CannedRow, wanted: list[str]) -> bool:
    text = " ".join((row.title, row.word, row.snippet, *row.tags)).casefold()
    return all(word in text for word in wanted)
