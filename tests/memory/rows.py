"""Chunks in PostgreSQL as an indexer leaves them."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connections

from devora_admin.memory import words
from devora_admin.memory.embedding import Embedder
from devora_admin.memory.store.models import Chunk, Embedding, EmbeddingModel, Source

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_chunk(text: str, **fields: Any) -> Chunk:
    """One chunk in a source of its own, unless `source` is given. Fields of either: user_id, title,
    language, at, …"""
    return chunks([{"text": text, **fields}])[0]


def chunks(all_fields: Sequence[dict[str, Any]]) -> list[Chunk]:
    sources, made = [], []
    count = Source.objects.count()
    for number, fields in enumerate(all_fields, count):
        user_id, project_id = fields.pop("user_id", "u"), fields.pop("project_id", "p")
        kind, text = fields.pop("kind", "code"), fields.pop("text")
        source = fields.pop("source", None) or Source(
            kind=kind, key=fields.pop("key", f"{kind}-{number}"), user_id=user_id,
            project_id=project_id,
            title=fields.pop("title", "A project"), version=1, digest=b"d", indexed_at=NOW,
            stack=fields.pop("stack", []), facts=fields.pop("facts", {}),
        )  # fmt: skip
        if source.pk is None:
            sources.append(source)
        heading = f"{fields.get('path', '')} {fields.get('symbol', '')}\n"
        made.append(
            Chunk(
                source=source,
                user_id=user_id,
                project_id=project_id,
                kind=kind,
                ordinal=0,
                text=text,
                sha256=hashlib.sha256((heading + text).encode()).digest(),
                names="",
                **fields,
            )
        )
    Source.objects.bulk_create(sources)
    Chunk.objects.bulk_create(made)
    _names([(chunk.pk, words.identifiers(chunk.text)) for chunk in made])
    return made


def _names(found: list[tuple[int, list[str]]]) -> None:
    with connections["memory"].cursor() as cursor:
        cursor.executemany(
            "UPDATE memory_chunk SET names = array_to_tsvector(%s::text[]) WHERE id = %s",
            [(names, key) for key, names in found],
        )


def a_model(embedder: Embedder, state: str = "active") -> EmbeddingModel:
    return EmbeddingModel.objects.create(
        name=embedder.name, revision=embedder.revision, dims=embedder.dims, state=state,
        created_at=NOW,
    )  # fmt: skip


def embed(embedder: Embedder, model: EmbeddingModel, of: Sequence[Chunk]) -> None:
    vectors = embedder.embed([chunk.text for chunk in of])
    Embedding.objects.bulk_create(
        Embedding(
            chunk=chunk, model=model, dims=model.dims, user_id=chunk.user_id,
            project_id=chunk.project_id, vector=vector.values,
        )
        for chunk, vector in zip(of, vectors, strict=True)
    )  # fmt: skip
