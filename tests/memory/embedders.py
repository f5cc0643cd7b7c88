"""An embedder of a few lines, so that a test of indexing does not wait for a model."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from devora_admin.memory.embedding import EmbedderUnavailable, Vector, provider
from devora_admin.memory.embedding.interface import check_texts


class Hashing:
    """Texts that share words are near each other."""

    revision = "1"

    def __init__(self, name: str = "hashing", dims: int = 64) -> None:
        self.name, self.dims = name, dims
        self.is_away = False
        self.asked = 0
        self.embedded: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        """What happens while it is at work."""

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> list[Vector]:
        self.asked += 1
        if self.is_away:
            raise EmbedderUnavailable("away")
        check_texts(texts)
        self.meanwhile()
        self.embedded += texts
        return [Vector.of(self, self._values(text)) for text in texts]

    def _values(self, text: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        values = np.full(self.dims, 1e-3)
        for word in text.lower().split():
            place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % self.dims
            values[place] += 1
        return values

    def warm(self) -> None:
        pass

    def trouble(self) -> str:
        return ""


def use(monkeypatch: pytest.MonkeyPatch, settings: Any, *known: Hashing) -> None:
    """The first is the configured one; a second can embed as well."""
    by_provider = dict(zip(("minilm", "openai"), known, strict=False))
    monkeypatch.setattr(provider, "_embedder", by_provider.get)
    settings.EMBEDDING_PROVIDER = "minilm"
