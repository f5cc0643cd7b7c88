"""What a vector refuses, and how words are taken apart before they become one."""

import math

import numpy as np
import pytest

from devora_admin.memory.embedding import BadVector, Vector
from devora_admin.memory.words import says_something, split_identifiers


class Model:
    name, revision, dims = "a model", "1", 3


@pytest.mark.parametrize(
    "values",
    [
        [0, 0, 0],
        [1e-12, 0, 0],
        [1, 2],
        [1, 2, 3, 4],
        [[1, 2, 3]],
        [],
        [1, math.nan, 3],
        [1, math.inf, 3],
        [1, None, 3],
        "abc",
    ],
)
def test_what_stands_for_no_text_is_refused(values: object):
    with pytest.raises(BadVector):
        Vector.of(Model(), values)  # type: ignore[arg-type]


def test_a_vector_has_unit_length_and_stays_as_it_is():
    given = np.array([3e30, 0, 4e30])
    vector = Vector.of(Model(), given)
    assert vector.values.tolist() == pytest.approx([0.6, 0, 0.8])
    assert (vector.dims, vector.values.dtype) == (3, np.float32)
    with pytest.raises(ValueError, match="read-only"):
        vector.values[0] = 1
    with pytest.raises(BadVector, match="unit length"):
        Vector("a model", "1", np.array([1, 1, 1], np.float32))


def test_vectors_of_two_models_are_not_compared():
    mine = Vector.of(Model(), [1, 0, 0])
    assert mine.cosine(mine) == 1
    for name, revision in (("another", "1"), ("a model", "2")):
        with pytest.raises(BadVector):
            mine.cosine(Vector(name, revision, mine.values))


@pytest.mark.parametrize(
    ("written", "apart"),
    [
        ("getUserName", "get User Name"),
        ("HTTPServer", "HTTP Server"),
        ("snake_case, __init__ and MAX_SIZE", "snake case, __init__ and MAX SIZE"),
        ("utf8Decode sha256", "utf8 Decode sha256"),
        ("Plain words. Ünïcode 喜欢", "Plain words. Ünïcode 喜欢"),
        ("TypeScript or userId", "TypeScript or user Id"),
    ],
)
def test_identifiers_are_taken_apart_where_their_words_meet(written: str, apart: str):
    assert split_identifiers(written, whole={"typescript"}) == apart


def test_a_long_line_without_a_seam_costs_no_time():
    assert split_identifiers("a" * 1_000_000) == "a" * 1_000_000


def test_only_characters_one_can_see_say_something():
    assert all(map(says_something, ("a", "喜", "🎉", "?", "\n 1")))
    assert not any(map(says_something, ("", " \n\t", "\x00\x07", "\u200b\ufeff", "\ufffd")))
