"""What a search is asked and what it answers, as pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Leg = Literal["meaning", "words", "identifier"]


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    user_id: str = ""
    """Of one customer; "" for everyone."""
    project_id: str = ""
    kinds: tuple[str, ...] = ()
    """code, project, message, issue or note; none for all."""
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    """Not itself within."""
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Reason:
    leg: Leg
    detail: str
    """For people: the words that matched, or how close in meaning."""


@dataclass(frozen=True, slots=True)
class Segment:
    text: str
    is_match: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    chunk_id: int
    kind: str
    source_id: int
    source_key: str
    user_id: str
    project_id: str
    title: str
    path: str
    symbol: str
    language: str
    line_from: int
    """1-based, of the file; 0 where there are no lines."""
    line_to: int
    turn: int | None
    role: str
    at: datetime | None
    text: str
    snippet: tuple[Segment, ...]
    """A few lines of `text`, in order; line ends included."""
    snippet_line: int
    """Of the file, at which the snippet starts; 0 where there are no lines."""
    score: float
    reasons: tuple[Reason, ...]
    standing: str = ""
    """"" or pinned."""
    copies: int = 0
    """How many more of the same text in the same project were folded into this one."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Of the source: small things to show, such as an issue's number and state."""


@dataclass(frozen=True, slots=True)
class LegReport:
    leg: Leg
    found: int
    took_ms: float
    how: str = ""
    """Of meaning: exact or index."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Best first. Each hit is within the scope that was asked for."""

    hits: tuple[Hit, ...] = ()
    is_words_only: bool = False
    note: str = ""
    """One sentence for people, or ""."""
    legs: tuple[LegReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one leg gave to a hit."""

    leg: Leg
    place: int
    """1 for the leg's best."""
    value: float
    """Added to the score."""


@dataclass(frozen=True, slots=True)
class Recalled:
    hit: Hit
    shares: tuple[Share, ...]
    is_lifted: bool
    """Staff pinned it, so its score counts more."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What a question would bring back for one customer, best first, and why."""

    items: tuple[Recalled, ...] = ()
    is_words_only: bool = False
    note: str = ""
    legs: tuple[LegReport, ...] = ()
