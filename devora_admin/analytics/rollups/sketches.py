"""Percentiles of any sum of times: counts of DDSketch's logarithmic bins, which are added up.

A bin is a field named by its place in four digits, so that a whole document of sketches is read
from its bytes at once: a year has 365 of up to 200 bins, and taking each apart would be most of
what a page takes.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import bson
import numpy as np
from ddsketch.mapping import LogarithmicMapping

from devora_admin.core.raw_bson import documents

ACCURACY = 0.009
"""A percentile is at most so far from the exact one, as a share of it."""
_MAPPING = LogarithmicMapping(ACCURACY)
_INT32 = 0x10
_ELEMENT = np.dtype([("kind", "u1"), ("digits", ">u4"), ("end", "u1"), ("count", "<i4")])


@cache
def bin_of(latency_ms: int) -> str:
    """As a name of a field."""
    return f"{_MAPPING.key(latency_ms) + 1 if latency_ms else 0:04}"


@cache
def _value(place: int) -> float:
    return float(_MAPPING.value(place - 1)) if place else 0.0


class Sketch(NamedTuple):
    """The places of its bins, and how often each. Counts are floats, which are exact for whole
    numbers up to 2 ** 53."""

    places: np.ndarray
    counts: np.ndarray


def taken_apart(cells: bytes) -> list[tuple[str, Sketch]]:
    """The sketches of a document, by name."""
    stored = [(name, data[4:-1], data) for name, data in documents(cells)]
    bodies = [body for _, body, _ in stored if _is_plain(body)]
    elements = np.frombuffer(b"".join(bodies), _ELEMENT)
    places, counts = _number(elements["digits"]), elements["count"].astype(np.float64)
    found, at = [], 0
    for name, body, data in stored:
        if _is_plain(body):
            end = at + len(body) // _ELEMENT.itemsize
            found.append((name, Sketch(places[at:end], counts[at:end])))
            at = end
        else:
            found.append((name, _of_large(data)))
    return found


def _of_large(data: bytes) -> Sketch:
    """One with a count beyond two thousand million, which takes more room than others."""
    bins = bson.decode(data)
    return Sketch(np.array([*map(int, bins)], np.int32), np.array([*bins.values()], np.float64))


class Bins(NamedTuple):
    """Of some sketches the column of each and how many bins it has, and of all these bins, one
    after the other, the place and how often."""

    columns: np.ndarray
    sizes: np.ndarray
    places: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, sketches: Iterable[tuple[int, Sketch]]) -> "Bins":
        """sketches: each with its column."""
        some = list(sketches)
        return cls(
            np.array([column for column, _ in some], np.int64),
            np.array([len(sketch.places) for _, sketch in some], np.int64),
            np.concatenate([np.empty(0, np.int32), *(sketch.places for _, sketch in some)]),
            np.concatenate([np.empty(0), *(sketch.counts for _, sketch in some)]),
        )

    @classmethod
    def together(cls, some: Sequence["Bins"]) -> "Bins":
        return cls(*(np.concatenate(arrays) for arrays in zip(*some, strict=True)))

    def of_all_columns(self) -> "Bins":
        """Each place once, all of column 0."""
        counts = np.bincount(self.places, self.counts)
        places = counts.nonzero()[0]
        return Bins(np.zeros(1, np.int64), np.array([places.size]), places, counts[places])

    def by_column(self, count: int) -> np.ndarray:
        """How many times each of so many columns holds."""
        return np.bincount(self.columns.repeat(self.sizes), self.counts, minlength=count)

    @property
    def total(self) -> int:
        """How many times they hold."""
        return int(self.counts.sum())


class Spectrum:
    """Sketches of several columns, of which there are as many as a year has days, or more."""

    def __init__(self, columns: int, bins: Bins) -> None:
        places = bins.places
        self._first = int(places.min()) if places.size else 0
        """The lowest bin: only those that occur are kept, a fifth of those there may be."""
        width = int(places.max()) - self._first + 1 if places.size else 1
        cells = (bins.columns * width - self._first).repeat(bins.sizes)
        cells += places
        sums = np.bincount(cells, bins.counts, minlength=columns * width)
        self._seen = sums.reshape(columns, width).cumsum(axis=1)
        self._seen_by_all = self._seen.sum(axis=0, keepdims=True)

    def quantiles(self, share: float) -> list[float | None]:
        """Of each column, None where it holds nothing."""
        return self._quantiles(self._seen, share)

    def quantile(self, share: float) -> float | None:
        """Of all columns together."""
        return self._quantiles(self._seen_by_all, share)[0]

    def _quantiles(self, seen: np.ndarray, share: float) -> list[float | None]:
        """As DDSketch tells it: the value of the bin in which that rank lies."""
        totals = seen[:, -1]
        places = (seen > share * (totals - 1)[:, None]).argmax(axis=1) + self._first
        pairs = zip(places.tolist(), totals.tolist(), strict=True)
        return [_value(place) if total > 0 else None for place, total in pairs]


def _is_plain(body: bytes) -> bool:
    """Whether every bin is as long as any other; none is where it holds what takes more room."""
    kinds = body[:: _ELEMENT.itemsize]
    return not len(body) % _ELEMENT.itemsize and kinds.count(_INT32) == len(kinds)


def _number(digits: np.ndarray) -> np.ndarray:
    """Of four ASCII digits in a word, the highest first: both pairs at once, then the two."""
    bare = digits.astype(np.uint32) & 0x0F0F0F0F
    pairs = (bare >> 8 & 0x00FF00FF) * 10 + (bare & 0x00FF00FF)
    return ((pairs >> 16) * 100 + (pairs & 0xFFFF)).astype(np.int32)
