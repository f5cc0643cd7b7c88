"""A conversation as pieces that keep the number of their turn."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from devora_admin.memory.chunking.piece import Kind, Piece
from devora_admin.memory.chunking.prose import parts, text_of, without_long_code
from devora_admin.memory.words import storable

MOST_OF_A_THREAD = 20_000
_ASSISTANTS = ("assistant", "ai")
_LONGEST_ROLE = 40


def pieces_of_messages(messages: Iterable[Any], *, first: int = 0) -> Iterator[Piece]:
    """messages: of one thread in their order, as stored; a malformed one keeps its number."""
    made = 0
    for turn, message in enumerate(messages, start=first):
        for piece in pieces_of_message(message, turn=turn):
            if made == MOST_OF_A_THREAD:
                return
            made += 1
            yield piece


def pieces_of_message(message: Any, *, turn: int | None, kind: Kind = "message") -> Iterator[Piece]:
    if not isinstance(message, Mapping):
        return
    role = role_of(message.get("role"))
    text = text_of(message.get("content"))
    if role in _ASSISTANTS:
        text = without_long_code(text)
    at = moment(message.get("timestamp"))
    for part in parts(text):
        yield Piece(kind, part, turn=turn, role=role, at=at)


def role_of(value: Any, *, without: str = "") -> str:
    """without: what stands for one that is no text."""
    return storable(value[:_LONGEST_ROLE]) if isinstance(value, str) else without


def moment(value: Any) -> datetime | None:
    """Aware, in UTC; None for what is no time of Python's years."""
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
