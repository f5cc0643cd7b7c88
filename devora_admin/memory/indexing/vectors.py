"""Vectors for what is written already: words find it meanwhile.

Chunks are taken on in one transaction, embedded outside of any, as that may take minutes, and their
vectors are stored in another.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.core import clock
from devora_admin.memory.chunking.piece import embedded_text
from devora_admin.memory.embedding import (
    BadVector,
    Embedder,
    EmbedderUnavailable,
    SomeBad,
    Vector,
    embedder_of,
)
from devora_admin.memory.indexing import models
from devora_admin.memory.indexing.models import MOST_TRIES, StoredModel
from devora_admin.memory.store import reach

AT_ONCE = 32
CLAIM = timedelta(minutes=3)
"""After which somebody else takes on what a worker that died had."""
_PAUSE_S = 30
_LEFT_ALONE_S = 60.0

_away_until: dict[int, float] = {}
"""By model, on the clock of time.monotonic: whose embedder was away."""


@dataclass(frozen=True, slots=True)
class Task:
    id: int
    chunk_id: int
    sha256: bytes
    text: str
    """What is to be embedded."""
    tries: int


@dataclass(frozen=True, slots=True)
class Claimed:
    tasks: list[Task]
    until: datetime
    """Tells whether a task is this claim's still."""
    known: frozenset[bytes]
    """Of texts whose vector is there already."""


def embed_some(most: int = AT_ONCE) -> int:
    """Makes the vectors of some chunks; how many tasks it took on.

    One embedder that is away holds no other up. Raises EmbedderUnavailable when nothing else was
    done, after having given the tasks back, and MemoryUnavailable.
    """
    taken, trouble = 0, None
    in_use = [model for model in models.every() if model.state != "retired"]
    for model in sorted(in_use, key=lambda each: _away_until.get(each.id, 0.0)):
        if taken and time.monotonic() < _away_until.get(model.id, 0.0):
            continue
        try:
            taken += embed_some_of(model, most)
        except EmbedderUnavailable as error:
            _away_until[model.id] = time.monotonic() + _LEFT_ALONE_S
            trouble = error
        else:
            _away_until.pop(model.id, None)
    if trouble is not None and not taken:
        raise trouble
    return taken


def embed_some_of(model: StoredModel, most: int = AT_ONCE) -> int:
    """The same for one model; 0 where its embedder is not configured here."""
    embedder = embedder_of(model.name, model.revision)
    if embedder is None or embedder.dims != model.dims:
        return 0
    claimed = _claim(model.id, most)
    texts = {task.sha256: task.text for task in claimed.tasks if task.sha256 not in claimed.known}
    try:
        made, faults = _vectors(embedder, texts)
    except BaseException:
        _give_back(claimed)
        raise
    if claimed.tasks:
        _finish(model, claimed, made, faults)
    return len(claimed.tasks)


@reach.tried_again
def _claim(model_id: int, most: int) -> Claimed:
    now = clock.now()
    with reach.writing() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT id FROM memory_embeddingtask
                WHERE model_id = %s AND next_try_at <= %s AND tries < %s
                ORDER BY next_try_at, id LIMIT %s
                FOR UPDATE SKIP LOCKED
            )
            UPDATE memory_embeddingtask AS task SET next_try_at = %s
            FROM due, memory_chunk AS chunk WHERE task.id = due.id AND chunk.id = task.chunk_id
            RETURNING task.id, chunk.id, chunk.sha256, chunk.path, chunk.symbol, chunk.text,
                task.tries
            """,
            [model_id, now, MOST_TRIES, most, now + CLAIM],
        )
        tasks = [
            Task(task_id, chunk_id, bytes(sha), embedded_text(path, symbol, text), tries)
            for task_id, chunk_id, sha, path, symbol, text, tries in cursor.fetchall()
        ]
        known = _cached(cursor, model_id, [task.sha256 for task in tasks])
    return Claimed(tasks, now + CLAIM, frozenset(known))


@reach.tried_again
def _give_back(claimed: Claimed) -> None:
    """To whoever comes next; nothing was tried."""
    with reach.writing() as cursor:
        cursor.execute(
            "UPDATE memory_embeddingtask SET next_try_at = %s"
            " WHERE id = ANY(%s) AND next_try_at = %s",
            [clock.now(), [task.id for task in claimed.tasks], claimed.until],
        )


@reach.tried_again
def _finish(
    model: StoredModel, claimed: Claimed, made: dict[bytes, Vector], faults: dict[bytes, str]
) -> None:
    with reach.writing() as cursor:
        cursor.execute(
            "SELECT 1 FROM memory_embeddingmodel WHERE id = %s AND state <> 'retired' FOR SHARE",
            [model.id],
        )
        if cursor.fetchone() is None:
            return
        # Whoever drops a chunk takes its task first: either waits for the other.
        cursor.execute(
            "SELECT id FROM memory_embeddingtask WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [[task.id for task in claimed.tasks]],
        )
        still = {task_id for (task_id,) in cursor.fetchall()}
        tasks = [task for task in claimed.tasks if task.id in still]
        wanted = {task.sha256 for task in tasks}  # nothing is kept of a text that was erased
        _cache(cursor, model, {sha: each for sha, each in made.items() if sha in wanted})
        _store(cursor, model, [task for task in tasks if task.sha256 not in faults])
        _put_off(cursor, claimed.until, [task for task in tasks if task.sha256 in faults], faults)


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
        made: Sequence[Vector | BadVector] = embedder.embed(list(texts.values()))
    except SomeBad as error:
        made = error.made
    except (BadVector, ValueError):
        made = [_alone(embedder, text) for text in texts.values()]
    vectors: dict[bytes, Vector] = {}
    faults: dict[bytes, str] = {}
    for sha, each in zip(texts, made, strict=True):
        if isinstance(each, Vector):
            vectors[sha] = each
        else:
            faults[sha] = f"{type(each).__name__}: {each}"[:500]
    return vectors, faults


def _alone(embedder: Embedder, text: str) -> Vector | BadVector:
    try:
        return embedder.embed([text])[0]
    except BadVector as error:
        return error
    except ValueError as error:
        return BadVector(str(error))


def _cache(cursor: CursorWrapper, model: StoredModel, made: dict[bytes, Vector]) -> None:
    if not made:
        return
    cursor.execute(
        "INSERT INTO memory_embeddingcache (model_id, dims, sha256, vector)"
        " SELECT %s, %s, sha256, vector::halfvec"
        " FROM unnest(%s::bytea[], %s::text[]) AS new (sha256, vector) ON CONFLICT DO NOTHING",
        [model.id, model.dims, list(made), [vector.literal for vector in made.values()]],
    )


def _store(cursor: CursorWrapper, model: StoredModel, tasks: Sequence[Task]) -> None:
    """From the cache, by the text that the chunk has now."""
    cursor.execute(
        """
        INSERT INTO memory_embedding (chunk_id, model_id, dims, user_id, project_id, vector)
        SELECT chunk.id, cached.model_id, cached.dims, chunk.user_id, chunk.project_id,
            cached.vector
        FROM memory_chunk AS chunk JOIN memory_embeddingcache AS cached USING (sha256)
        WHERE chunk.id = ANY(%s) AND cached.model_id = %s
        FOR SHARE OF chunk  -- it may just be moving to another customer
        ON CONFLICT DO NOTHING
        """,
        [[task.chunk_id for task in tasks], model.id],
    )
    cursor.execute(
        """
        DELETE FROM memory_embeddingtask AS task
        WHERE task.id = ANY(%s) AND EXISTS (
            SELECT 1 FROM memory_embedding AS made
            WHERE made.chunk_id = task.chunk_id AND made.model_id = task.model_id
        )
        """,
        [[task.id for task in tasks]],
    )


def _put_off(
    cursor: CursorWrapper, until: datetime, tasks: Sequence[Task], faults: dict[bytes, str]
) -> None:
    for task in tasks:
        cursor.execute(
            "UPDATE memory_embeddingtask SET tries = %s, error = %s,"
            " next_try_at = now() + %s * interval '1 second'"
            " WHERE id = %s AND next_try_at = %s",
            [task.tries + 1, faults[task.sha256], _PAUSE_S * 2**task.tries, task.id, until],
        )
