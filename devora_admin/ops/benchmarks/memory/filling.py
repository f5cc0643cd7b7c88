"""Chunks and vectors into PostgreSQL by COPY, as an indexer would leave them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connections
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from devora_admin.memory import words
from devora_admin.memory.chunking.piece import embedded_text
from devora_admin.memory.indexing import models
from devora_admin.memory.store import sql
from devora_admin.memory.store.router import ALIAS

AT = datetime(2026, 1, 1, tzinfo=UTC)
_SLOW_TO_KEEP = ("memory_chunk_words", "memory_chunk_names")
"""Indexes that are made once all rows are there."""


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk, in the order of writing; those of a source follow one another."""

    user_id: str
    project_id: str
    path: str
    symbol: str
    line: int
    text: str


def fill(rows: Iterable[Row], *, kind: str = "code", language: str = "python") -> int:
    """Replaces everything; chunks are numbered from 1 in the order of `rows`. How many."""
    connection = connections[ALIAS]
    connection.ensure_connection()
    raw: Any = connection.connection
    with raw.cursor() as cursor:
        cursor.execute("TRUNCATE memory_source, memory_embeddingmodel RESTART IDENTITY CASCADE")
        kept = _taken_down(cursor)
        cursor.execute("SET session_replication_role = replica")  # the rows refer rightly
        sources: dict[str, tuple[int, str]] = {}
        count = 0
        with cursor.copy(
            "COPY memory_chunk (source_id, user_id, project_id, kind, ordinal, path, symbol,"
            " language, line_from, line_to, turn, role, at, text, sha256, standing, names)"
            " FROM STDIN"
        ) as copy:
            for row in rows:
                source_id, _ = sources.setdefault(row.project_id, (len(sources) + 1, row.user_id))
                embedded = embedded_text(row.path, row.symbol, row.text)
                sha256 = hashlib.sha256(embedded.encode()).digest()
                copy.write_row(
                    (
                        source_id, row.user_id, row.project_id, kind, count, row.path, row.symbol,
                        language, row.line, row.line + row.text.count("\n"), None, "", AT,
                        row.text, sha256, "", _tsvector(words.identifiers(embedded)),
                    )
                )  # fmt: skip
                count += 1
        with cursor.copy(
            "COPY memory_source (id, kind, key, user_id, project_id, title, version, digest, stack,"
            " facts, origin, indexed_at) FROM STDIN"
        ) as copy:
            for project_id, (source_id, user_id) in sources.items():
                copy.write_row(
                    (source_id, kind, project_id, user_id, project_id, project_id, 1, b"d", "[]",
                     "{}", f"projects/{project_id}", AT)
                )  # fmt: skip
        cursor.execute("SET session_replication_role = DEFAULT")
        for definition in kept:
            cursor.execute(definition)
        cursor.execute("ANALYZE memory_chunk, memory_source")
    return count


def fill_vectors(
    name: str, revision: str, vectors: Iterable[NDArray[np.float32]], owners: Iterable[Row]
) -> int:
    """vectors: batches of shape (n, dims) for the chunks from 1 on. The id of the active model."""
    connection = connections[ALIAS]
    raw: Any = connection.connection
    batches = iter(vectors)
    first = next(batches)
    dims = int(first.shape[1])
    register_vector(raw)
    with raw.cursor() as cursor:
        cursor.execute("DELETE FROM memory_embeddingmodel")
        cursor.execute(
            "INSERT INTO memory_embeddingmodel (name, revision, dims, state, created_at)"
            " VALUES (%s, %s, %s, 'active', %s) RETURNING id",
            [name, revision, dims, AT],
        )
        [(model_id,)] = cursor.fetchall()
        cursor.execute(f"DROP INDEX IF EXISTS {models.index_name(model_id)}")
        cursor.execute("SET session_replication_role = replica")
        with cursor.copy(
            "COPY memory_embedding (chunk_id, model_id, dims, user_id, project_id, vector)"
            " FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int8", "int8", "int2", "text", "text", "halfvec"])
            for number, (row, values) in enumerate(zip(owners, _each(first, batches), strict=True)):
                copy.write_row(
                    (number + 1, model_id, dims, row.user_id, row.project_id, HalfVector(values))
                )
        cursor.execute(sql.FILL_BITS)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE memory_embedding, memory_binaryvector, memory_chunk")
    return int(model_id)


def _each(
    first: NDArray[np.float32], batches: Iterator[NDArray[np.float32]]
) -> Iterator[NDArray[np.float32]]:
    yield from first
    for batch in batches:
        yield from batch


def _taken_down(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)",
        [list(_SLOW_TO_KEEP)],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


def _tsvector(names: list[str]) -> str:
    """As text; quoting is doubled."""
    return " ".join("'" + each.replace("\\", "\\\\").replace("'", "''") + "'" for each in names)
