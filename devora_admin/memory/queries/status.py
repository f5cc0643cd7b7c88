"""How memory stands in PostgreSQL: what is there, whose vectors, how large, what waits.

What would take long to count is taken from PostgreSQL's own statistics, and said to be "about".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.indexing.models import index_name
from devora_admin.memory.store import reach

COUNTED = 50_000
"""Chunks up to which they are counted; of more, statistics tell."""
MOST_CUSTOMERS = 10
MOST_TASKS = 100_000


@dataclass(frozen=True, slots=True)
class Model:
    id: int
    name: str
    revision: str
    dims: int
    state: str
    """building, active or retired."""
    vectors: int
    created_at: datetime
    activated_at: datetime | None
    index: "Index | None"


@dataclass(frozen=True, slots=True)
class Index:
    size_bytes: int
    is_valid: bool
    """One whose building was broken off, or goes on, serves nobody."""


@dataclass(frozen=True, slots=True)
class Part:
    """Of what is remembered: a kind, or a customer."""

    name: str
    chunks: int
    size_bytes: int
    percent: int
    """Of the largest part."""


@dataclass(frozen=True, slots=True)
class Stored:
    chunks: int
    sources: int
    is_about: bool
    size_bytes: int
    """Of all tables and indexes."""
    models: tuple[Model, ...]
    kinds: tuple[Part, ...]
    customers: tuple[Part, ...]
    """The largest, largest first."""
    tasks: int
    """Chunks that wait for their vector, up to MOST_TASKS."""
    faulty_tasks: int
    """Of which some attempt failed."""
    task_error: str
    """The latest of these failures."""

    @property
    def active(self) -> Model | None:
        return next((model for model in self.models if model.state == "active"), None)


def stored() -> Stored:
    """Raises MemoryUnavailable and MemoryTooSlow."""
    with reach.reading() as cursor:
        rows, sources, size_bytes = _sizes(cursor)
        is_about = rows > COUNTED
        kinds = _shares(cursor, "kind", rows) if is_about else _counted(cursor, "kind")
        customers = _shares(cursor, "user_id", rows) if is_about else _counted(cursor, "user_id")
        chunks = rows if is_about else sum(kinds.values())
        per_chunk = size_bytes / chunks if chunks else 0.0
        tasks, faulty, error = _tasks(cursor)
        return Stored(
            chunks=chunks,
            sources=sources,
            is_about=is_about,
            size_bytes=size_bytes,
            models=_models(cursor, is_about=is_about),
            kinds=_parts(kinds, per_chunk),
            customers=_parts(customers, per_chunk)[:MOST_CUSTOMERS],
            tasks=tasks,
            faulty_tasks=faulty,
            task_error=error,
        )


def _sizes(cursor: CursorWrapper) -> tuple[int, int, int]:
    """Chunks (at most COUNTED + 1 where statistics are missing), sources, and bytes of all."""
    cursor.execute(
        "SELECT (SELECT reltuples FROM pg_class WHERE oid = 'memory_chunk'::regclass)::bigint,"
        " (SELECT reltuples FROM pg_class WHERE oid = 'memory_source'::regclass)::bigint,"
        f" (SELECT count(*) FROM (SELECT 1 FROM memory_chunk LIMIT {COUNTED + 1}) AS counted),"
        f" (SELECT count(*) FROM (SELECT 1 FROM memory_source WHERE deleted_at IS NULL"
        f" LIMIT {COUNTED + 1}) AS counted),"
        " (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
        " AND relname LIKE 'memory\\_%%' AND relnamespace = current_schema()::regnamespace)"
    )
    [(chunks_about, sources_about, chunks, sources, size_bytes)] = cursor.fetchall()
    if chunks > COUNTED:
        chunks = max(chunks, chunks_about)
    if sources > COUNTED:
        sources = max(sources, sources_about)
    return chunks, sources, int(size_bytes or 0)


def _counted(cursor: CursorWrapper, column: str) -> dict[str, int]:
    cursor.execute(
        f"SELECT {column}, count(*) FROM memory_chunk GROUP BY 1 ORDER BY 2 DESC, 1"
        f" LIMIT {MOST_CUSTOMERS}"
    )
    return dict(cursor.fetchall())


def _shares(cursor: CursorWrapper, column: str, rows: int) -> dict[str, int]:
    """From the statistics of the planner, which know the most common values."""
    cursor.execute(
        "SELECT unnest(most_common_vals::text::text[]), unnest(most_common_freqs) FROM pg_stats"
        " WHERE schemaname = current_schema() AND tablename = 'memory_chunk' AND attname = %s"
        f" LIMIT {MOST_CUSTOMERS}",
        [column],
    )
    return {value: round(share * rows) for value, share in cursor.fetchall()}


def _parts(counts: Mapping[str, int], per_chunk: float) -> tuple[Part, ...]:
    most = max(counts.values(), default=0) or 1
    return tuple(
        Part(name, chunks, round(chunks * per_chunk), max(1, round(100 * chunks / most)))
        for name, chunks in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    )


def _models(cursor: CursorWrapper, *, is_about: bool) -> tuple[Model, ...]:
    cursor.execute(
        "SELECT id, name, revision, dims, state, created_at, activated_at"
        " FROM memory_embeddingmodel ORDER BY state, id DESC"
    )
    models = cursor.fetchall()
    names = [index_name(row[0]) for row in models]
    cursor.execute(
        "SELECT c.relname, pg_relation_size(c.oid), i.indisvalid, c.reltuples::bigint"
        " FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = ANY(%s)"
        " AND c.relnamespace = current_schema()::regnamespace",
        [names],
    )
    indexes = {name: rest for name, *rest in cursor.fetchall()}
    vectors: dict[int, int] = {}
    if not is_about:
        cursor.execute("SELECT model_id, count(*) FROM memory_embedding GROUP BY 1")
        vectors = dict(cursor.fetchall())
    found = []
    for (model_id, *told), name in zip(models, names, strict=True):
        size_bytes, is_valid, rows = indexes.get(name, (0, False, 0))
        index = Index(size_bytes, is_valid) if name in indexes else None
        name_, revision, dims, state, created_at, activated_at = told
        found.append(
            Model(model_id, name_, revision, dims, state,
                  max(0, rows) if is_about else vectors.get(model_id, 0),
                  created_at, activated_at, index)
        )  # fmt: skip
    return tuple(found)


def _tasks(cursor: CursorWrapper) -> tuple[int, int, str]:
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE tries > 0)"
        f" FROM (SELECT tries FROM memory_embeddingtask LIMIT {MOST_TASKS}) AS counted"
    )
    [(tasks, faulty)] = cursor.fetchall()
    if not faulty:
        return tasks, 0, ""
    cursor.execute(
        "SELECT error FROM memory_embeddingtask WHERE tries > 0 ORDER BY next_try_at DESC LIMIT 1"
    )
    [(error,)] = cursor.fetchall()
    return tasks, faulty, error
