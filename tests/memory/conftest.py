"""The default embedding model, built once for a machine."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings

from devora_admin.memory.embedding import Embedder, embedder_of
from devora_admin.memory.embedding.minilm import recipe
from devora_admin.memory.embedding.minilm.files import ModelFiles
from devora_admin.memory.embedding.minilm.setup import ensure_model

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devora-admin" / "models"


def place_model(models: Path) -> None:
    """Puts the model into a data folder's `models`, from where this machine has it.

    Built there by the first run and never changed: each revision has a folder of its own, and
    its digests are checked. Runs and test processes beside each other wait for one build.
    """
    ensure_model(lambda line: None, CACHE)
    kept, wanted = ModelFiles(CACHE).folder, ModelFiles(models).folder
    models.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        wanted.symlink_to(kept)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    place_model(settings.DATA_DIR / "models")
    found = embedder_of(recipe.NAME, recipe.REVISION)
    assert found
    return found
