"""A support issue as pieces, whatever of it there is."""

from collections.abc import Iterator, Mapping
from typing import Any

from devora_admin.memory.chunking.piece import Piece
from devora_admin.memory.chunking.prose import parts, text_of
from devora_admin.memory.chunking.thread import moment, role_of

_TITLES = ("title", "subject")
_BODIES = ("description", "body", "text")
_REPLIES = ("replies", "messages", "comments")


def title_of(document: Mapping[str, Any]) -> str:
    return next((text for key in _TITLES if (text := text_of(document.get(key)).strip())), "")


def pieces_of_issue(document: Mapping[str, Any]) -> Iterator[Piece]:
    """Title and description first, then each reply, then how it was resolved."""
    at = moment(document.get("created_at"))
    title = title_of(document)
    body = next((text for key in _BODIES if (text := text_of(document.get(key)))), "")
    for part in parts("\n\n".join(filter(None, (title, body)))):
        yield Piece("issue", part, symbol=title[:200], role="customer", at=at)
    replies = next((value for key in _REPLIES if isinstance(value := document.get(key), list)), [])
    for number, reply in enumerate(replies):
        yield from _reply(reply, number, title)
    for part in parts(text_of(document.get("resolution"))):
        yield Piece(
            "issue", part, symbol=title[:200], role="resolution",
            at=moment(document.get("resolved_at")),
        )  # fmt: skip


def _reply(reply: Any, number: int, title: str) -> Iterator[Piece]:
    if not isinstance(reply, Mapping):
        return
    text = next(
        (text for key in ("text", "body", "content") if (text := text_of(reply.get(key)))), ""
    )
    role = role_of(reply.get("role") or reply.get("author_kind"), without="reply")
    at = moment(reply.get("created_at") or reply.get("at") or reply.get("timestamp"))
    for part in parts(text):
        yield Piece(
            "issue", part, symbol=title[:200], turn=number, role=role, at=at
        )  # fmt: skip
