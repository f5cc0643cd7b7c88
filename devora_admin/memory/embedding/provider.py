"""Which provider is configured. Each is made once for a process, and loads with its first text."""

import os
import threading
from dataclasses import dataclass

from django.conf import settings

from devora_admin.memory.embedding.interface import Embedder

_making = threading.Lock()
_made: dict[tuple[object, ...], Embedder] = {}
os.register_at_fork(after_in_child=_made.clear)  # a child has none of its parent's threads


@dataclass(frozen=True, slots=True)
class Standing:
    """provider: "minilm", "openai" or "none". trouble: one sentence when it is not ready."""

    provider: str
    name: str
    revision: str
    dims: int
    trouble: str = ""

    @property
    def is_ready(self) -> bool:
        return not self.trouble


def configured() -> Embedder | None:
    """None when memory is off, or is to search words only."""
    return _embedder(settings.EMBEDDING_PROVIDER) if settings.MEMORY_ENABLED else None


def embedder_of(name: str, revision: str) -> Embedder | None:
    """Whoever can still embed for that model, so that old vectors serve until new ones are there.

    None when this environment has no such model any more.
    """
    if not settings.MEMORY_ENABLED:
        return None
    for provider in ("minilm", "openai"):
        embedder = _embedder(provider)
        if embedder and (embedder.name, embedder.revision) == (name, revision):
            return embedder
    return None


def standing() -> Standing:
    """As far as this process knows; asks nobody."""
    embedder = configured()
    if embedder is None:
        return Standing("none", "", "", 0, "Memory searches words only: no embedder is configured.")
    return Standing(
        settings.EMBEDDING_PROVIDER,
        embedder.name,
        embedder.revision,
        embedder.dims,
        embedder.trouble(),
    )


def _embedder(provider: str) -> Embedder | None:
    key: tuple[object, ...]
    if provider == "minilm":
        key = (provider, settings.DATA_DIR)
    elif provider == "openai" and settings.EMBEDDING_URL:
        key = (
            provider,
            settings.EMBEDDING_URL,
            settings.EMBEDDING_MODEL,
            settings.EMBEDDING_API_KEY,
            settings.EMBEDDING_DIMS,
        )
    else:
        return None
    with _making:
        if key not in _made:
            _made[key] = _minilm() if provider == "minilm" else _openai()
        return _made[key]


def _minilm() -> Embedder:
    from devora_admin.memory.embedding.minilm.encoder import MiniLM
    from devora_admin.memory.embedding.minilm.files import ModelFiles

    return MiniLM(ModelFiles(settings.DATA_DIR / "models"))


def _openai() -> Embedder:
    from devora_admin.memory.embedding.openai import OpenAICompatible

    return OpenAICompatible(
        settings.EMBEDDING_URL,
        settings.EMBEDDING_MODEL,
        dims=settings.EMBEDDING_DIMS,
        api_key=settings.EMBEDDING_API_KEY,
    )
