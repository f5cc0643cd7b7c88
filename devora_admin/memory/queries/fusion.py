"""Weighted reciprocal-rank fusion of the legs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devora_admin.memory.queries.answers import Leg, Share

K = 10
"""How slowly a place loses value: the first counts 1/11, the eleventh half of that."""


@dataclass(frozen=True, slots=True)
class Weights:
    meaning: float = 2.0
    words: float = 1.0
    identifier: float = 1.0

    def of(self, leg: Leg) -> float:
        return float(getattr(self, leg))


WEIGHTS: dict[str, Weights] = {}
"""By the name of the model, where `benchmark memory` found better ones than the usual."""


def weights_of(model: str) -> Weights:
    return WEIGHTS.get(model, Weights())


@dataclass(frozen=True, slots=True)
class Fused:
    chunk_id: int
    score: float
    shares: tuple[Share, ...]


def fuse(legs: Mapping[Leg, Sequence[int]], weights: Weights, *, k: float = K) -> list[Fused]:
    """legs: ids of chunks, best first. Best first; equal scores by id."""
    shares: dict[int, list[Share]] = {}
    for leg, found in legs.items():
        for place, chunk_id in enumerate(found, 1):
            share = Share(leg, place, weights.of(leg) / (k + place))
            shares.setdefault(chunk_id, []).append(share)
    fused = [
        Fused(chunk_id, sum(share.value for share in its), tuple(its))
        for chunk_id, its in shares.items()
    ]
    return sorted(fused, key=lambda each: (-each.score, each.chunk_id))
