"""From texts to vectors: the providers, and which of them is configured.

Importing this loads no provider; the first text does.
"""

from devora_admin.memory.embedding.interface import Embedder, EmbedderUnavailable, SomeBad
from devora_admin.memory.embedding.provider import Standing, configured, embedder_of, standing
from devora_admin.memory.embedding.vector import BadVector, Model, Vector

__all__ = [
    "BadVector",
    "Embedder",
    "EmbedderUnavailable",
    "Model",
    "SomeBad",
    "Standing",
    "Vector",
    "configured",
    "embedder_of",
    "standing",
]
