"""What a detector finds, and how detectors are written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Certainty = Literal["sure", "likely", "possible"]
Hits = Iterator[tuple[int, str, Certainty]]
"""Where in the text each begins, what it is, and how sure that is."""


@dataclass(frozen=True, slots=True)
class Finding:
    detector: str
    value: str = field(repr=False)
    """The secret itself: for its fingerprint alone, never to be stored or shown."""
    line: int
    """From 1."""
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Detector:
    name: str
    label: str
    """What is found, for people: "OpenAI key"."""
    family: Literal["secret", "personal"]
    needles: tuple[str, ...]
    """A text without any of them holds none: finding that out takes next to no time."""
    find: Callable[[str], Hits]
    advice: str
    """What to do about it."""
    ending: int = 4
    """How many of the last characters are shown."""
