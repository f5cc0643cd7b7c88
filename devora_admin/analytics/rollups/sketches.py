"""Percentiles of any sum of times: counts of DDSketch's logarithmic bins, which are added up.

A bin is a field named by its place in four digits, so that a whole sketch is read from its bytes at
once: a year has 365 of up to 200 bins, and taking each apart would be most of what a page takes.
"""

from collections.abc import Iterable
from functools import cache

import bson
import numpy as np
from ddsketch.mapping import LogarithmicMapping

ACCURACY = 0.009
"""A percentile is at most so far from the exact one, as a share of it."""
_MAPPING = LogarithmicMapping(ACCURACY)
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

    def __init__(self, columns: int, sketches: Iterable[tuple[int, bytes]] = ()) -> None:
        """sketches: as the store has them, each with its column."""
        columns_, places, counts = _taken_apart(sketches)
        self._first = int(places.min()) if places.size else 0
        """The lowest bin: only those that occur are kept, a fifth of those there may be."""
        width = int(places.max()) - self._first + 1 if places.size else 1
        # As floats, which are exact for whole numbers up to 2 ** 53.
        sums = np.bincount(
            columns_ * width + places - self._first, counts, minlength=columns * width
        )
        self._counts = sums.reshape(columns, width)

    def quantiles(self, share: float) -> list[float | None]:
        """Of each column, None where it holds nothing."""
        return self._quantiles(self._counts, share)

    def quantile(self, share: float) -> float | None:
        """Of all columns together."""
        return self._quantiles(self._counts.sum(axis=0, keepdims=True), share)[0]

    def _quantiles(self, counts: np.ndarray, share: float) -> list[float | None]:
        """As DDSketch tells it: the value of the bin in which that rank lies."""
        seen = counts.cumsum(axis=1)
        totals = seen[:, -1]
        places = (seen > share * (totals - 1)[:, None]).argmax(axis=1) + self._first
        pairs = zip(places.tolist(), totals.tolist(), strict=True)
        return [_value(place) if total > 0 else None for place, total in pairs]


def _taken_apart(
    sketches: Iterable[tuple[int, bytes]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every bin its column, place and count."""
    plain: list[tuple[int, bytes]] = []
    large: list[tuple[int, int, int]] = []
    for column, data in sketches:
        if (body := _plain(data)) is not None:
            plain.append((column, body))
        else:  # a count beyond two thousand million
            large += [(column, int(name), n) for name, n in bson.decode(data).items()]
    elements = np.frombuffer(b"".join(body for _, body in plain), _ELEMENT)
    digits = elements["digits"].astype(np.int64) - ord("0")
    sizes = [len(body) // _ELEMENT.itemsize for _, body in plain]
    columns = np.repeat(np.array([column for column, _ in plain], np.int64), sizes)
    apart = columns, digits @ _POWERS, elements["count"].astype(np.float64)
    if not large:
        return apart
    rest = np.array(large, np.int64).T
    return tuple(np.concatenate(pair) for pair in zip(apart, rest, strict=True))  # type: ignore[return-value]  # three of them


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
