"""Percentiles of any sum of times: counts of DDSketch's logarithmic bins, which are added up.

A bin is a field named by its place in four digits, so that a whole sketch is read from its bytes at
once: a year has 365 of up to 200 bins, and taking each apart would be most of what a page takes.
"""

from collections.abc import Iterable, Mapping
from functools import cache

import bson
import numpy as np
from ddsketch.mapping import LogarithmicMapping

ACCURACY = 0.009
"""A percentile is at most so far from the exact one, as a share of it."""
_MAPPING = LogarithmicMapping(ACCURACY)
_WIDTH = 1200
"""Bins: of 0 ms, and up to more than 7 days."""
_INT32 = 0x10
_ELEMENT = np.dtype([("kind", "u1"), ("digits", "u1", 4), ("end", "u1"), ("count", "<i4")])
_POWERS = np.array([1000, 100, 10, 1])


@cache
def bin_of(latency_ms: int) -> str:
    """As a name of a field."""
    return f"{_MAPPING.key(latency_ms) + 1 if latency_ms else 0:04}"


@cache
def _value(place: int) -> float:
    return float(_MAPPING.value(place - 1)) if place else 0.0


class Spectrum:
    """Sketches of several columns, of which there are as many as a year has days, or more."""

    def __init__(self, columns: int) -> None:
        self._counts = np.zeros((columns, _WIDTH), np.int64)
        self._found: list[tuple[int, bytes]] = []

    def add(self, column: int, data: bytes) -> None:
        """data: a sketch as the store has it."""
        if (body := _plain(data)) is not None:
            self._found.append((column, body))
        else:  # a count beyond two thousand million
            for name, count in bson.decode(data).items():
                self._counts[column, int(name)] += count

    def merge(self, other: "Spectrum") -> None:
        self._counts += other.counts

    @property
    def counts(self) -> np.ndarray:
        """By column and bin."""
        if self._found:
            elements = np.frombuffer(b"".join(body for _, body in self._found), _ELEMENT)
            places = (elements["digits"].astype(np.int64) - ord("0")) @ _POWERS
            sizes = [len(body) // _ELEMENT.itemsize for _, body in self._found]
            columns = np.repeat([column for column, _ in self._found], sizes)
            # As floats, which are exact for whole numbers up to 2 ** 53.
            sums = np.bincount(
                columns * _WIDTH + places, elements["count"], minlength=self._counts.size
            )
            self._counts += sums.astype(np.int64).reshape(self._counts.shape)
            self._found = []
        return self._counts

    def together(self) -> "Spectrum":
        """All of its columns as one."""
        one = Spectrum(1)
        one._counts = self.counts.sum(axis=0, keepdims=True)
        return one

    def quantiles(self, share: float) -> list[float | None]:
        """Of each column, None where it holds nothing."""
        return _quantiles(self.counts, share)

    def quantile(self, share: float) -> float | None:
        """Of all columns together."""
        return _quantiles(self.counts.sum(axis=0, keepdims=True), share)[0]


def count_of(sketches: Iterable[bytes]) -> int:
    """How many times sketches as the store has them hold, without taking one apart."""
    plain, total = [], 0
    for data in sketches:
        if (body := _plain(data)) is not None:
            plain.append(body)
        else:
            total += sum(bson.decode(data).values())
    counts = np.frombuffer(b"".join(plain), _ELEMENT)["count"]
    return total + int(counts.sum(dtype=np.int64))


def _plain(data: bytes) -> bytes | None:
    """Its bins, each as long as any other; None where one holds a count that takes more room."""
    body = data[4:-1]
    bins, rest = divmod(len(body), _ELEMENT.itemsize)
    is_plain = not rest and body[:: _ELEMENT.itemsize] == bytes([_INT32]) * bins
    return body if is_plain else None


def _quantiles(counts: np.ndarray, share: float) -> list[float | None]:
    """As DDSketch tells it: the value of the bin in which that rank lies."""
    seen = counts.cumsum(axis=1)
    totals = seen[:, -1]
    places = (seen > share * (totals - 1)[:, None]).argmax(axis=1)
    pairs = zip(places.tolist(), totals.tolist(), strict=True)
    return [_value(place) if total > 0 else None for place, total in pairs]


def quantile(bins: Mapping[str, int], share: float) -> float | None:
    """Of one sketch."""
    spectrum = Spectrum(1)
    spectrum.add(0, bson.encode(bins))
    return spectrum.quantile(share)
