"""What of MongoDB is indexed, and as what."""

import dataclasses
import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bson import json_util

from devora_admin.memory.chunking.piece import Kind, Piece
from devora_admin.memory.preferences.evidence import Evidence

KINDS_OF: Mapping[str, tuple[Kind, ...]] = {
    "projects": ("project", "code", "message"),
    "support_issues": ("issue",),
    "memory_notes": ("note",),
}
"""By collection. Other places of a thread lead to its project."""
EVERYTHING_OF = "users"
"""Waits in the queue under a customer's id: all of theirs is to be read again."""
LEADING_TO_A_PROJECT = ("conversations", "conversation_archive", "project_versions")


@dataclass(frozen=True)
class Read:
    """A source as it is at one moment."""

    kind: Kind
    key: str
    """The platform's `id` of the document."""
    user_id: str
    project_id: str
    title: str
    pieces: tuple[Piece, ...]
    stack: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    changed_at: datetime | None = None
    standings: Mapping[bytes, str] = field(default_factory=dict)
    """Pieces that staff pinned or rejected, by hash."""
    evidence: tuple[Evidence, ...] = ()

    @cached_property
    def digest(self) -> bytes:
        """The same for the same document, whenever and wherever it is read."""
        found = hashlib.sha256()
        for text in (self.kind, self.key, self.user_id, self.project_id, self.title, *self.stack):
            found.update(text.encode("utf-8", "replace") + b"\0")
        for piece in self.pieces:
            place = struct.pack(
                ">iii", piece.line_from, piece.line_to, -1 if piece.turn is None else piece.turn
            )
            at = piece.at.isoformat() if piece.at else ""
            said = f"{piece.role}\0{at}\0{self.standings.get(piece.sha256, '')}\0"
            found.update(piece.sha256 + place + said.encode("utf-8", "replace"))
        for each in self.evidence:
            said = "\0".join(map(str, dataclasses.astuple(each)))
            found.update(said.encode("utf-8", "replace") + b"\0")
        return found.digest()


def origin(collection: str, key: Any) -> str:
    """Names a document by its `_id`, whatever type that has."""
    return f"{collection}:{json_util.dumps(key, json_options=json_util.CANONICAL_JSON_OPTIONS)}"


def document_of(origin: str) -> tuple[str, Any]:
    """Collection and `_id`. Raises ValueError or TypeError for what names none."""
    collection, _, key = origin.partition(":")
    return collection, json_util.loads(key)
