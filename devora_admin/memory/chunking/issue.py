"""A support issue as pieces: what it was about, what was said last, and how it was resolved.

Of the thread an issue itself holds the first text and the latest; internal notes are in neither, as
they are not for the customer, and so not for the AI either.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from devora_admin.memory.chunking.piece import Piece
from devora_admin.memory.chunking.prose import parts, text_of
from devora_admin.memory.chunking.thread import moment

_LONGEST_TITLE = 200
_ROLES = {"customer": "customer", "reply": "staff", "resolution": "resolution"}
_SHORT, _TELLING_WORDS = 80, 6
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|[^\W\d_]{4,}")
_NOBODY = "system"
"""Says the subject of what was found and not written."""


def title_of(document: Mapping[str, Any]) -> str:
    return text_of(document.get("subject")).strip()


def pieces_of_issue(document: Mapping[str, Any]) -> Iterator[Piece]:
    """Subject and first text, then the latest text, then how it was resolved."""
    title = title_of(document)
    first = _part(document, "first") or {"at": document.get("created_at")}
    yield from _pieces(first, title, before=title)
    latest = _part(document, "latest")
    if _says_something(latest):
        yield from _pieces(latest, title)
    if resolution := _part(document, "resolution"):
        yield from _pieces({**resolution, "kind": "resolution"}, title)


def _says_something(said: Mapping[str, Any]) -> bool:
    """Whether it is more than a thank-you, which would be found for the subject it stands under."""
    text = text_of(said.get("text")).strip()
    return len(text) > _SHORT or len({*_WORD.findall(text.casefold())}) >= _TELLING_WORDS


def _part(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}


def _pieces(said: Mapping[str, Any], title: str, *, before: str = "") -> Iterator[Piece]:
    kind, turn = said.get("kind"), said.get("sequence")
    role = _ROLES.get(kind, _NOBODY) if isinstance(kind, str) else _NOBODY
    text = "\n\n".join(filter(None, (before, text_of(said.get("text")))))
    for part in parts(text):
        yield Piece(
            "issue", part, symbol=title[:_LONGEST_TITLE], role=role, at=moment(said.get("at")),
            turn=turn if isinstance(turn, int) else None,
        )  # fmt: skip
