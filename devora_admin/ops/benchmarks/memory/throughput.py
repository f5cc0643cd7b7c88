"""How fast the indexer takes projects in: their text, then its vectors."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from devora_admin.core import clock, mongo
from devora_admin.memory.embedding import Embedder
from devora_admin.memory.indexing import models, vectors, work
from devora_admin.memory.store.router import ALIAS
from devora_admin.ops.benchmarks.memory.corpus import Function
from devora_admin.ops.benchmarks.report import Amount, Report, Section

_LEAST_TEXTS, _LEAST_VECTORS = 2000, 60
_OF_FILE, _OF_PROJECT = 5, 50
"""Functions."""
_PREFIX = "bench-memory-"


def section(
    functions: Sequence[Function], embedder: Embedder, *, embedded: int, report: Report
) -> Section:
    """embedded: how many chunks get their vectors; that is what takes time."""
    _forget()
    try:
        return _measured(functions, embedder, embedded, report)
    finally:
        _forget()


def _measured(
    functions: Sequence[Function], embedder: Embedder, embedded: int, report: Report
) -> Section:
    report("indexing text")
    projects = [
        _project(number, functions[start : start + _OF_PROJECT])
        for number, start in enumerate(range(0, len(functions), _OF_PROJECT))
    ]
    mongo.database().projects.insert_many(projects)
    started = time.perf_counter()
    with ThreadPoolExecutor(work.THREADS) as pool:
        shares = [projects[number :: work.THREADS] for number in range(work.THREADS)]
        chunks = sum(pool.map(_indexed, shares))
    texts_s = time.perf_counter() - started
    report("embedding what was indexed")
    models.ensure_active(embedder)
    embedded, started = min(embedded, chunks), time.perf_counter()
    made = 0
    while made < embedded:
        made += vectors.embed_some()
    vectors_s = time.perf_counter() - started
    again = _project(len(projects), functions[:_OF_PROJECT], like=projects[0])
    mongo.database().projects.insert_one(again)
    copied = work.index_document("projects", again["_id"]).chunks
    ready, waiting = _vectors_and_tasks(again["id"])
    assert ready + waiting == copied
    return Section(
        f"Indexing: {len(projects):,} projects of real code, as the worker does it",
        [],
        amounts=[
            Amount("text, without vectors", chunks / texts_s, "chunks a second",
                   least=_LEAST_TEXTS, form=",.0f"),
            Amount("vectors", made / vectors_s, "chunks a second",
                   least=_LEAST_VECTORS, form=",.0f"),
        ],
        notes=[
            f"{chunks:,} chunks indexed, {made:,} embedded by {embedder.name}.",
            f"A second customer's copy of a project: {copied:,} chunks, {waiting:,} embedded anew.",
        ],
    )  # fmt: skip


def _indexed(projects: Sequence[dict[str, Any]]) -> int:
    """In one thread, which keeps its connection, as the worker's do."""
    try:
        return sum(work.index_document("projects", each["_id"]).chunks for each in projects)
    finally:
        connections[ALIAS].close()


def _project(
    number: int, functions: Sequence[Function], like: dict[str, Any] | None = None
) -> dict[str, Any]:
    key, now = f"{_PREFIX}{number}", clock.now()
    texts = [each.text for each in functions]
    files = [
        {"name": f"src/part_{start}.py", "language": "python",
         "content": "\n\n\n".join(texts[start : start + _OF_FILE]) + "\n"}
        for start in range(0, len(texts), _OF_FILE)
    ]  # fmt: skip
    return {
        "_id": key, "id": key, "user_id": f"{_PREFIX}customer-{number}",
        "name": like["name"] if like else f"Project {number}", "files": files,
        "created_at": now, "updated_at": now,
    }  # fmt: skip


def _forget() -> None:
    mongo.database().projects.delete_many({"_id": {"$regex": f"^{_PREFIX}"}})
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("TRUNCATE memory_source, memory_embeddingmodel RESTART IDENTITY CASCADE")


def _vectors_and_tasks(project_id: str) -> tuple[int, int]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT count(e.id), count(t.id) FROM memory_chunk c"
            " LEFT JOIN memory_embedding e ON e.chunk_id = c.id"
            " LEFT JOIN memory_embeddingtask t ON t.chunk_id = c.id WHERE c.project_id = %s",
            [project_id],
        )
        made, waiting = cursor.fetchone()
        return int(made), int(waiting)
