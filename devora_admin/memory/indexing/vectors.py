"""Vectors for what is written already: words find it meanwhile."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.core import clock
from devora_admin.memory.chunking.piece import embedded_text
from devora_admin.memory.embedding import (
    BadVector,
    Embedder,
    EmbedderUnavailable,
    Vector,
    embedder_of,
)
from devora_admin.memory.indexing import models
from devora_admin.memory.indexing.models import MOST_TRIES, StoredModel
from devora_admin.memory.store import reach

AT_ONCE = 32
_PAUSE_S = 30


def embed_some(most: int = AT_ONCE) -> int:
    """Makes the vectors of some chunks; how many tasks it took on.

    Raises EmbedderUnavailable after having given them back, and MemoryUnavailable.
    """
    taken = 0
    for model in models.every():
        if model.state == "retired":
            continue
        embedder = embedder_of(model.name, model.revision)
        if embedder is not None and embedder.dims == model.dims:
            taken += _embed(model, embedder, most)
    return taken


def _embed(model: StoredModel, embedder: Embedder, most: int) -> int:
    with reach.writing(within_s=120) as cursor:
        cursor.execute(
            """
            SELECT task.id, chunk.id, chunk.sha256, chunk.path, chunk.symbol, chunk.text, task.tries
            FROM memory_embeddingtask AS task JOIN memory_chunk AS chunk ON chunk.id = task.chunk_id
            WHERE task.model_id = %s AND task.next_try_at <= %s AND task.tries < %s
            ORDER BY task.next_try_at, task.id LIMIT %s
            FOR UPDATE OF task SKIP LOCKED
            """,
            [model.id, clock.now(), MOST_TRIES, most],
        )
        tasks = cursor.fetchall()
        if not tasks:
            return 0
        known = _cached(cursor, model.id, [task[2] for task in tasks])
        texts = {
            bytes(sha): embedded_text(path, symbol, text)
            for _, _, sha, path, symbol, text, _ in tasks
            if bytes(sha) not in known
        }
        made, faults = _vectors(embedder, texts)
        _cache(cursor, model, made)
        _store(cursor, model, [task for task in tasks if bytes(task[2]) not in faults])
        _put_off(cursor, tasks, faults)
    return len(tasks)


def forget_unused(cursor: CursorWrapper) -> None:
    """Removes those from the cache whose text nobody has any more."""
    cursor.execute(
        "DELETE FROM memory_embeddingcache AS cached WHERE NOT EXISTS"
        " (SELECT 1 FROM memory_chunk WHERE memory_chunk.sha256 = cached.sha256)"
    )


def _cached(cursor: CursorWrapper, model_id: int, shas: Sequence[Any]) -> set[bytes]:
    cursor.execute(
        "SELECT sha256 FROM memory_embeddingcache WHERE model_id = %s AND sha256 = ANY(%s)",
        [model_id, list(shas)],
    )
    return {bytes(row[0]) for row in cursor.fetchall()}


def _vectors(
    embedder: Embedder, texts: dict[bytes, str]
) -> tuple[dict[bytes, Vector], dict[bytes, str]]:
    """Those that were made, and why others were not. One bad text spoils no other."""
    if not texts:
        return {}, {}
    try:
        made = embedder.embed(list(texts.values()))
    except (BadVector, ValueError):
        pass
    else:
        return dict(zip(texts, made, strict=True)), {}
    alone: dict[bytes, Vector] = {}
    faults: dict[bytes, str] = {}
    for sha, text in texts.items():
        try:
            alone[sha] = embedder.embed([text])[0]
        except EmbedderUnavailable:
            raise
        except (BadVector, ValueError) as error:
            faults[sha] = f"{type(error).__name__}: {error}"[:500]
    return alone, faults


def _cache(cursor: CursorWrapper, model: StoredModel, made: dict[bytes, Vector]) -> None:
    if not made:
        return
    cursor.execute(
        "INSERT INTO memory_embeddingcache (model_id, dims, sha256, vector)"
        " SELECT %s, %s, sha256, vector::halfvec"
        " FROM unnest(%s::bytea[], %s::text[]) AS new (sha256, vector) ON CONFLICT DO NOTHING",
        [model.id, model.dims, list(made), [vector.literal for vector in made.values()]],
    )


def _store(cursor: CursorWrapper, model: StoredModel, tasks: Sequence[tuple[Any, ...]]) -> None:
    """From the cache, which has them all by now."""
    cursor.execute(
        """
        INSERT INTO memory_embedding (chunk_id, model_id, dims, user_id, project_id, vector)
        SELECT chunk.id, cached.model_id, cached.dims, chunk.user_id, chunk.project_id,
            cached.vector
        FROM memory_chunk AS chunk JOIN memory_embeddingcache AS cached USING (sha256)
        WHERE chunk.id = ANY(%s) AND cached.model_id = %s
        ON CONFLICT DO NOTHING
        """,
        [[task[1] for task in tasks], model.id],
    )
    cursor.execute(
        "DELETE FROM memory_embeddingtask WHERE id = ANY(%s)", [[task[0] for task in tasks]]
    )


def _put_off(
    cursor: CursorWrapper, tasks: Sequence[tuple[Any, ...]], faults: dict[bytes, str]
) -> None:
    for task_id, _, sha, _, _, _, tries in tasks:
        if fault := faults.get(bytes(sha)):
            cursor.execute(
                "UPDATE memory_embeddingtask SET tries = %s, error = %s,"
                " next_try_at = now() + %s * interval '1 second' WHERE id = %s",
                [tries + 1, fault, _PAUSE_S * 2**tries, task_id],
            )
