"""Resolved issues whose report is closest in meaning to another's: all of them are compared, as
they are few beside everything else that is remembered."""

import json
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.embedding import BadVector, EmbedderUnavailable, Vector
from devora_admin.memory.queries import by_meaning
from devora_admin.memory.queries.by_meaning import ActiveModel
from devora_admin.memory.queries.search import vector_of
from devora_admin.memory.store import reach
from devora_admin.memory.words import storable

WITHIN_S = 0.25
_REPORT = (
    "FROM memory_source s JOIN memory_chunk c ON c.source_id = s.id AND c.ordinal = 0"
    " JOIN memory_embedding e ON e.chunk_id = c.id"
    " WHERE s.kind = 'issue' AND s.deleted_at IS NULL AND c.standing <> 'rejected'"
    " AND e.model_id = %s"
)
"""Subject and first text are the first piece of an issue."""


def solved_like(issue_id: str, text: str, limit: int) -> tuple[str, ...]:
    """Ids of issues, the closest first, of which none is close by chance alone.

    text: what the issue says, for one that has no vector yet.
    Raises MemoryUnavailable, MemoryTooSlow, and EmbedderUnavailable where nothing has vectors.
    """
    key = storable(issue_id)
    with reach.reading(within_s=WITHIN_S) as cursor:
        model = by_meaning.active_model(cursor)
        if model is None:
            raise EmbedderUnavailable("the first vectors are still being made")
        if vector := _own(cursor, model, key):
            return _closest(cursor, model, vector, key, limit)
    try:
        vector = vector_of(model, text)
    except (BadVector, ValueError) as error:
        raise EmbedderUnavailable("the embedding model made no vector of this issue") from error
    with reach.reading(within_s=WITHIN_S) as cursor:
        return _closest(cursor, model, vector, key, limit)


def _own(cursor: CursorWrapper, model: ActiveModel, key: str) -> Vector | None:
    cursor.execute(f"SELECT e.vector::text {_REPORT} AND s.key = %s", [model.id, key])
    rows = cursor.fetchall()
    return Vector.of(model, json.loads(rows[0][0])) if rows else None


def _closest(
    cursor: CursorWrapper, model: ActiveModel, vector: Vector, key: str, limit: int
) -> tuple[str, ...]:
    cursor.execute(
        f"SELECT s.key, e.vector <=> %s::halfvec AS distance {_REPORT}"
        " AND s.facts->>'status' IN ('resolved', 'closed') AND s.key <> %s"
        " ORDER BY distance, s.key LIMIT %s",
        [vector.literal, model.id, key, limit],
    )
    rows: list[tuple[Any, float]] = cursor.fetchall()
    return tuple(found for found, distance in rows if model.is_close(1 - distance))
