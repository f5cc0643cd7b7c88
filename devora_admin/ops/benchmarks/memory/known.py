"""The corpus with its vectors, embedded once for a machine."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings

from devora_admin.memory.chunking.piece import embedded_text
from devora_admin.memory.embedding import Embedder, embedder_of
from devora_admin.memory.embedding.minilm import recipe
from devora_admin.memory.embedding.minilm.setup import ensure_model
from devora_admin.ops.benchmarks.memory.corpus import Function, functions
from devora_admin.ops.benchmarks.memory.vectors import Vectors
from devora_admin.ops.benchmarks.report import Report

_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Corpus:
    functions: Sequence[Function]
    vectors: Vectors
    """Of the functions, in their order."""
    embedder: Embedder


def corpus(limit: int, report: Report) -> Corpus:
    """Raises EmbedderUnavailable when the default model cannot be had."""
    ensure_model(report)
    embedder = embedder_of(recipe.NAME, recipe.REVISION)
    assert embedder is not None
    found = functions(limit)
    return Corpus(found, _vectors(embedder, found, report), embedder)


def _vectors(embedder: Embedder, found: Sequence[Function], report: Report) -> Vectors:
    texts = [embedded_text(each.path, each.symbol, each.text) for each in found]
    folder = settings.DATA_DIR / "benchmark"
    kept = folder / f"vectors-{embedder.revision}-{len(found)}.npz"
    if kept.exists():
        with np.load(kept) as stored:
            if stored["texts"].tolist() == [hash_of(text) for text in texts]:
                return np.asarray(stored["vectors"], np.float32)
    report(f"embedding {len(texts):,} functions")
    vectors = np.concatenate(
        [
            np.stack([each.values for each in embedder.embed(texts[start : start + _AT_ONCE])])
            for start in range(0, len(texts), _AT_ONCE)
        ]
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    np.savez(kept, vectors=vectors, texts=np.array([hash_of(text) for text in texts]))
    return vectors


def hash_of(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))
