"""What the model has no token for: most Chinese characters, emoji, rarer scripts.

To the model all of it is one word, so that opposites would have the same vector. Here characters
and pairs of neighbours each stand for a direction of their own (signs from a hash): texts that
share them are near each other, others are not.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from devora_admin.memory.embedding.minilm.recipe import DIMS

_LONGEST = 100  # characters of one run, as in the tokenizer: longer ones are no words


def directions(runs: Iterable[str]) -> NDArray[np.float32]:
    """Unit length, shape (DIMS,). runs: at least one that is not empty."""
    total = np.zeros(DIMS, np.float32)
    for gram in (gram for run in runs for gram in _grams(run[:_LONGEST].lower())):
        digest = hashlib.blake2b(gram.encode(), digest_size=DIMS // 8).digest()
        total += np.unpackbits(np.frombuffer(digest, np.uint8)) * np.float32(2) - 1
    return total / np.linalg.norm(total)


def _grams(run: str) -> Iterator[str]:
    yield from run
    for first, second in pairwise(run):
        yield first + second
