"""The default embedder, as it is built on this machine, against vectors computed without it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from devora_admin.memory.embedding import Embedder, Vector
from devora_admin.memory.embedding.minilm.encoder import MiniLM
from tests.memory.minilm_reference import RECORDED, TEXTS, UNKNOWN_TEXTS

ALL_TEXTS = [*TEXTS, *UNKNOWN_TEXTS]


@pytest.fixture(scope="module")
def vectors(embedder: Embedder) -> list[Vector]:
    return embedder.embed(ALL_TEXTS)


def cosines(vectors: list[Vector], kind: str) -> list[float]:
    recorded = np.load(RECORDED)[kind]
    return [
        vector.cosine(Vector.of(MiniLM, values))
        for vector, values in zip(vectors, recorded, strict=False)
    ]


def test_its_vectors_are_those_of_full_precision_but_for_rounding(vectors: list[Vector]):
    near = cosines(vectors, "exact")
    assert len(near) == len(TEXTS)
    assert min(near) > 0.97
    assert sum(near) / len(near) > 0.985


def test_its_vectors_are_the_same_on_every_machine(vectors: list[Vector]):
    near = cosines(vectors, "int8")
    assert len(near) == len(ALL_TEXTS)
    assert min(near) > 0.998


def test_a_vector_does_not_depend_on_its_neighbours_or_on_threads(
    embedder: Embedder, vectors: list[Vector]
):
    def alone(number: int) -> bool:
        (vector,) = embedder.embed([ALL_TEXTS[number]])
        return np.array_equal(vector.values, vectors[number].values)

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(alone, [*range(len(ALL_TEXTS))] * 2))


def test_what_the_model_has_no_words_for_is_told_apart(embedder: Embedder):
    likes, hates, mode, tea, party, ship = embedder.embed(
        ["喜欢深色模式", "讨厌深色模式", "深色模式", "我喜欢喝茶", "🎉", "🚀"]
    )
    assert likes.cosine(hates) < 0.9
    assert likes.cosine(mode) > 0.5 > likes.cosine(tea)
    assert party.cosine(ship) < 0.5


def test_names_are_found_however_they_are_written(embedder: Embedder):
    for one, other in (("TypeScript", "typescript"), ("resetPassword()", "reset_password()")):
        first, second = embedder.embed([f"where is {one}", f"where is {other}"])
        assert first.cosine(second) > 0.99


def test_hostile_texts_have_vectors_and_nothing_has_none(embedder: Embedder):
    hostile = ["x" * 1_000_000, "a b " * 100_000, "\ud800 half a character", "!?", "\x00a\x00"]
    assert len(embedder.embed(hostile)) == len(hostile)
    assert embedder.embed([]) == []
    for nothing in ("", " \n", "\x00", "\ufffd"):
        with pytest.raises(ValueError, match="says nothing"):
            embedder.embed(["text", nothing])


def test_importing_the_package_loads_no_provider():
    heavy = ("onnxruntime", "onnx", "tokenizers", "openai")
    program = (
        "import sys, devora_admin.memory.embedding;"
        f"sys.exit(any(name in sys.modules for name in {heavy}))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
