"""Projects that are remembered, and their vectors."""

from typing import Any

from devora_admin.memory.indexing import vectors, work
from devora_admin.memory.store.models import Chunk
from tests import factories
from tests.memory.embedding_endpoint import DIMS


def remembered(mongo: Any, *names: str) -> list[dict[str, Any]]:
    """Projects of one chunk each."""
    found = [
        factories.insert(mongo.projects, factories.project(name=name, files=[])) for name in names
    ]
    for each in found:
        work.index_document("projects", each["_id"])
    return found


def embed_everything() -> None:
    while vectors.embed_some():
        pass


def without_a_vector() -> set[str]:
    return set(Chunk.objects.filter(embeddings=None).values_list("text", flat=True))


def by_endpoint(settings: Any, url: str) -> None:
    settings.EMBEDDING_PROVIDER, settings.EMBEDDING_MODEL = "openai", "some-model"
    settings.EMBEDDING_URL, settings.EMBEDDING_DIMS = url, DIMS
    settings.EMBEDDING_API_KEY = "key"
    work.make_ready()
