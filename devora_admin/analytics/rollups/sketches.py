"""Percentiles of any sum of times: counts of DDSketch's logarithmic bins, which are added up."""

from collections.abc import Mapping
from functools import cache

from ddsketch.mapping import LogarithmicMapping

ACCURACY = 0.009
"""A percentile is at most so far from the exact one, as a share of it."""
_MAPPING = LogarithmicMapping(ACCURACY)
_ZERO = "zero"
_BELOW_ALL = -1_000_000


@cache
def bin_of(latency_ms: int) -> str:
    """As a name of a field."""
    return str(_MAPPING.key(latency_ms)) if latency_ms else _ZERO


@cache
def _place(name: str) -> int:
    return _BELOW_ALL if name == _ZERO else int(name)


@cache
def _value(name: str) -> float:
    return 0.0 if name == _ZERO else float(_MAPPING.value(int(name)))


def quantile(bins: Mapping[str, int], share: float) -> float | None:
    """As DDSketch tells it: the value of the bin in which that rank lies. None of nothing."""
    rank, seen = share * (sum(bins.values()) - 1), 0
    for name in sorted(bins, key=_place):
        seen += bins[name]
        if seen > rank:
            return _value(name)
    return None
