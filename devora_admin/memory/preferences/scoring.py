"""Evidence to scores. A word outweighs any number of manifests, and fades with a half-life."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from devora_admin.memory.preferences.vocabulary import TOPICS

HALF_LIFE = timedelta(days=90)
_MOST_BY_MANIFESTS = 0.5
"""However many projects are built with it: nobody said so."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One reason, as scoring needs it."""

    topic: str
    value: str
    weight: float
    is_said: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    topic: str
    value: str
    score: float
    """-1 (avoid) to 1 (always)."""
    confidence: float
    """0 to 1: how much there is to go by, whichever way it points."""
    evidence: int


def scores(evidence: Iterable[Weighed], *, now: datetime) -> list[Score]:
    """By topic and value; the same whatever order the evidence comes in."""
    said: dict[tuple[str, str], list[float]] = defaultdict(list)
    built: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in evidence:
        faded = each.weight * 0.5 ** (max(now - each.at, timedelta()) / HALF_LIFE)
        (said if each.is_said else built)[(each.topic, each.value)].append(faded)
    found = []
    for topic, value in sorted(said.keys() | built.keys()):
        key = (topic, value)
        spoken = math.fsum(said.get(key, ()))
        # What speaks for another value of a topic that has one speaks a little against this one.
        spoken -= _said_for_others(said, topic, value) / 2
        shown = math.fsum(built.get(key, ()))
        word = math.tanh(1.5 * spoken)
        score = word + (1 - abs(word)) * _MOST_BY_MANIFESTS * math.tanh(shown)
        weight = math.fsum(abs(each) for each in said.get(key, ())) + abs(shown) / 3
        count = len(said.get(key, ())) + len(built.get(key, ()))
        found.append(Score(topic, value, score, 1 - math.exp(-1.5 * weight), count))
    return found


def _said_for_others(said: dict[tuple[str, str], list[float]], topic: str, value: str) -> float:
    if not TOPICS[topic].is_exclusive:
        return 0.0
    others = (
        math.fsum(weights)
        for (its_topic, its_value), weights in said.items()
        if its_topic == topic and its_value != value
    )
    return max(0.0, max(others, default=0.0))
