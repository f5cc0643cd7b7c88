"""Whose vectors are made and used: one model is active, and while another is building, both."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.db import connections
from django.db.backends.utils import CursorWrapper

from devora_admin.core import clock
from devora_admin.memory.embedding import Embedder
from devora_admin.memory.store import reach
from devora_admin.memory.store.router import ALIAS

State = Literal["building", "active", "retired"]
MOST_TRIES = 5
"""Of a text that cannot be embedded."""
_BUILDING_S = 4 * 3600.0
_LOOKING_S = 30.0
_KB_OF_NEIGHBOURS, _KB_OF_NUMBER = 1.0, 0.003
"""What a vector takes while its index is made. What has no room in memory is ten times slower."""
_LEAST_KB, _MOST_KB = 64 * 1024, 4 * 1024 * 1024
_INDEXING = 7_361_203
_MAKING = 7_361_202
"""Of an advisory lock: two workers start at once, and one makes the first model."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    id: int
    name: str
    revision: str
    dims: int
    state: State

    @property
    def label(self) -> str:
        return f"{self.name} {self.revision}"

    def is_of(self, embedder: Embedder) -> bool:
        its = (embedder.name, embedder.revision, embedder.dims)
        return (self.name, self.revision, self.dims) == its


def every() -> list[StoredModel]:
    """Raises MemoryUnavailable."""
    with reach.reading() as cursor:
        cursor.execute("SELECT id, name, revision, dims, state FROM memory_embeddingmodel")
        return [StoredModel(*row) for row in cursor.fetchall()]


def active() -> StoredModel | None:
    return _in_state("active")


def to_come() -> StoredModel | None:
    """The one that is being built, or else the one that is used already."""
    return _in_state("building") or active()


def _in_state(state: State) -> StoredModel | None:
    return next((model for model in every() if model.state == state), None)


def ensure_active(embedder: Embedder) -> None:
    """Makes the first model, and completes one whose making was broken off.

    Once there is one, only `reembed` exchanges it.
    """
    known = active()
    if known is not None and not known.is_of(embedder):
        return
    model_id = known.id if known else add(embedder, "active")
    if model_id:
        make_index(model_id, embedder.dims)
        ask_for_all(model_id)


def add(embedder: Embedder, state: State) -> int | None:
    """The id of the model, known or new, in this state; None where another one is active."""
    with reach.writing() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
        cursor.execute("SELECT 1 FROM memory_embeddingmodel WHERE state = 'active'")
        if state == "active" and cursor.fetchone():
            return None
        cursor.execute(
            """
            INSERT INTO memory_embeddingmodel AS model
                (name, revision, dims, state, created_at, activated_at)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (name, revision, dims) DO UPDATE SET state =
                CASE model.state WHEN 'active' THEN 'active' ELSE excluded.state END
            RETURNING id
            """,
            [embedder.name, embedder.revision, embedder.dims, state, clock.now(),
             clock.now() if state == "active" else None],
        )  # fmt: skip
        return int(cursor.fetchone()[0])


def index_name(model_id: int) -> str:
    return f"memory_embedding_hnsw_{model_id}"


@contextlib.contextmanager
def _alone() -> Iterator[CursorWrapper | None]:
    """None while somebody else makes an index. Not waited for: making one concurrently waits for
    all others in turn."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_INDEXING])
        if not cursor.fetchone()[0]:
            yield None
            return
        try:
            yield cursor
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_INDEXING])


def make_index(model_id: int, dims: int) -> None:
    """Of its vectors alone, by their cosine. Writes go on meanwhile; made already, it stays."""
    name, dims = index_name(int(model_id)), int(dims)
    with reach.patient(within_s=_BUILDING_S), _alone() as cursor:
        if cursor is None:
            return
        cursor.execute(
            "SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass(%s)", [name]
        )
        found = cursor.fetchone()
        if found == (True,):
            return
        # One whose making was broken off is of no use, and in the way.
        cursor.execute(f"DROP INDEX IF EXISTS {name}")
        cursor.execute("SELECT count(*) FROM memory_embedding WHERE model_id = %s", [model_id])
        room_kb = cursor.fetchone()[0] * (_KB_OF_NEIGHBOURS + dims * _KB_OF_NUMBER)
        cursor.execute(f"SET maintenance_work_mem = {int(min(_MOST_KB, max(_LEAST_KB, room_kb)))}")
        try:
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY {name} ON memory_embedding"
                f" USING hnsw ((vector::halfvec({dims})) halfvec_cosine_ops)"
                f" WITH (m = 16, ef_construction = 64) WHERE model_id = {int(model_id)}"
            )
        finally:
            cursor.execute("RESET maintenance_work_mem")


@reach.tried_again
def ask_for_all(model_id: int) -> int:
    """Tasks for every chunk without a vector of the model; how many."""
    with reach.writing(within_s=600) as cursor:
        cursor.execute(
            """
            INSERT INTO memory_embeddingtask (chunk_id, model_id, tries, next_try_at, error)
            SELECT chunk.id, %s, 0, now(), '' FROM memory_chunk AS chunk
            WHERE NOT EXISTS (
                SELECT 1 FROM memory_embedding AS made
                WHERE made.chunk_id = chunk.id AND made.model_id = %s
            )
            ON CONFLICT DO NOTHING
            """,
            [model_id, model_id],
        )
        return int(cursor.rowcount)


@reach.tried_again
def switch_to(model_id: int) -> None:
    """Search uses this one from here on, and what it used is retired."""
    with reach.writing() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
        cursor.execute(
            "UPDATE memory_embeddingmodel SET state = 'retired'"
            " WHERE state = 'active' AND id <> %s",
            [model_id],
        )
        cursor.execute(
            "UPDATE memory_embeddingmodel SET state = 'active', activated_at = %s WHERE id = %s",
            [clock.now(), model_id],
        )


@reach.tried_again
def remove_some(model_id: int, most: int = 5000) -> int:
    """Vectors of a retired model, some at a time; at the end its index and itself. 0 when done."""
    with reach.writing() as cursor:
        for table in ("embedding", "embeddingtask", "embeddingcache"):
            cursor.execute(
                f"DELETE FROM memory_{table} WHERE id IN (SELECT id FROM memory_{table}"
                " WHERE model_id = %s LIMIT %s)",
                [model_id, most],
            )
            if cursor.rowcount:
                return int(cursor.rowcount)
        cursor.execute(
            "DELETE FROM memory_embeddingmodel WHERE id = %s AND state = 'retired'", [model_id]
        )
        cursor.execute(f"DROP INDEX IF EXISTS {index_name(int(model_id))}")
    return 0


def try_again(model_id: int) -> None:
    """Has all that failed tried anew."""
    with reach.writing() as cursor:
        cursor.execute(
            "UPDATE memory_embeddingtask SET tries = 0, next_try_at = now()"
            " WHERE model_id = %s AND tries > 0",
            [model_id],
        )


def exchange_some() -> bool:
    """Goes on exchanging one model for another; whether there is more to do at once.

    A building one serves once nothing waits for its vectors; a retired one is removed.
    """
    for model in every():
        if model.state == "building":
            make_index(model.id, model.dims)
            if not anything_waits(model.id) and not ask_for_all(model.id):
                switch_to(model.id)
                return True
        elif model.state == "retired":
            return remove_some(model.id) > 0
    return False


def is_exchanging() -> bool:
    return any(model.state != "active" for model in every())


def anything_waits(model_id: int) -> bool:
    """For those that failed too often nothing waits."""
    with reach.reading(within_s=_LOOKING_S) as cursor:
        cursor.execute(
            "SELECT 1 FROM memory_embeddingtask WHERE model_id = %s AND tries < %s LIMIT 1",
            [model_id, MOST_TRIES],
        )
        return cursor.fetchone() is not None


def given_up(model_id: int) -> int:
    """How many chunks failed too often."""
    with reach.reading(within_s=_LOOKING_S) as cursor:
        cursor.execute(
            "SELECT count(*) FROM memory_embeddingtask WHERE model_id = %s AND tries >= %s",
            [model_id, MOST_TRIES],
        )
        return int(cursor.fetchone()[0])
