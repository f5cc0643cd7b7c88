"""Vectors for more chunks than can be embedded in a moment, spread as real ones are.

A generated vector lies between a real one and one of its nearest neighbours, with Gaussian noise
along the directions in which that neighbourhood extends. How far is set so that generated vectors
find their nearest neighbour as near as real ones do, among as many.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
_NEIGHBOURS = 8
_BATCH = 4096
_STEPS = 7


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosines to the nearest other vector: 10 %, 50 % and 90 % are at most as near."""

    p10: float
    p50: float
    p90: float

    def __str__(self) -> str:
        return f"{self.p10:.2f} / {self.p50:.2f} / {self.p90:.2f}"


class Like:
    """Draws vectors like `real`: float32, shape (n, dims), unit length."""

    def __init__(self, real: Vectors, *, seed: int = 1) -> None:
        self._real = real
        self._random = np.random.default_rng(seed)
        self._near = _nearest(real, _NEIGHBOURS)
        self.real = nearness(real)
        self.spread = self._fitting_spread()

    @property
    def count(self) -> int:
        return len(self._real)

    def draw(self, anchors: NDArray[np.int64]) -> Vectors:
        """One for each of `anchors`, which are places in `real`."""
        return self._drawn(anchors, self.spread)

    def batches(self, anchors: NDArray[np.int64]) -> Iterator[Vectors]:
        for start in range(0, len(anchors), _BATCH):
            yield self.draw(anchors[start : start + _BATCH])

    def _drawn(self, anchors: NDArray[np.int64], spread: float) -> Vectors:
        here = self._real[anchors]
        ways = self._real[self._near[anchors]] - here[:, None, :]
        along = self._random.normal(0, spread, (len(anchors), _NEIGHBOURS)).astype(np.float32)
        moved = here + np.einsum("nk,nkd->nd", along, ways) / np.sqrt(_NEIGHBOURS)
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)

    def _fitting_spread(self) -> float:
        """By halving: a wider spread puts neighbours further apart."""
        every = self._random.integers(0, len(self._real), len(self._real))
        low, high = 0.05, 3.0
        for _ in range(_STEPS):
            middle = (low + high) / 2
            if nearness(self._drawn(every, middle)).p50 > self.real.p50:
                low = middle
            else:
                high = middle
        return (low + high) / 2


def nearness(vectors: Vectors) -> Nearness:
    sample = vectors[:2000]
    cosines = sample @ vectors.T
    np.fill_diagonal(cosines, -1)
    p10, p50, p90 = np.percentile(cosines.max(axis=1), [10, 50, 90])
    return Nearness(float(p10), float(p50), float(p90))


def _nearest(vectors: Vectors, count: int) -> NDArray[np.int64]:
    found = np.empty((len(vectors), count), np.int64)
    for start in range(0, len(vectors), 1000):
        cosines = vectors[start : start + 1000] @ vectors.T
        places = np.arange(len(cosines))
        cosines[places, places + start] = -2
        found[start : start + 1000] = np.argpartition(-cosines, count, axis=1)[:, :count]
    return found
