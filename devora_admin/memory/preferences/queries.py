"""What a customer prefers, with why, as pages and the AI read it."""

import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.errors import MemoryTooSlow
from devora_admin.memory.preferences.vocabulary import TOPICS, label_of
from devora_admin.memory.store import reach
from devora_admin.memory.words import storable

_MOST_EVIDENCE = 8
"""Shown of each preference, the latest; how many there are is told."""
_SURE = 0.3
"""Below, what a project or a customer shows is too little, and the wider circle is asked."""
_COMMON_SHARE = 0.5
_KEPT_S, _COUNTING_S = 300.0, 3.0

Basis = Literal["project", "customer", "everyone"]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    kind: str
    """statement, manifest, chosen, kept or reverted."""
    quote: str
    weight: float
    at: datetime
    source_kind: str
    project_id: str
    path: str
    turn: int | None


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    topic: str
    label: str
    """Of the topic, for people."""
    value: str
    score: float
    """-1 (avoid) to 1 (always)."""
    confidence: float
    standing: str
    """"", pinned, rejected or corrected."""
    evidence_count: int
    evidence: tuple[EvidenceRow, ...]

    @property
    def strength(self) -> str:
        """In words."""
        if self.standing == "rejected":
            return "rejected"
        size = abs(self.score)
        word = "always" if size > 0.85 else "usually" if size > 0.45 else "sometimes"
        if self.score < 0:
            return {"always": "never", "usually": "rarely", "sometimes": "rather not"}[word]
        return word


@dataclass(frozen=True, slots=True)
class Likely:
    """What holds for a project: its own, else its customer's, else what most people have."""

    topic: str
    value: str
    score: float
    confidence: float
    basis: Basis


def preferences_of(user_id: str) -> tuple[PreferenceRow, ...]:
    """For all of a customer's projects, the surest of each topic first. Two round trips.

    Raises MemoryUnavailable.
    """
    with reach.reading() as cursor:
        cursor.execute(
            "SELECT topic, value, score, confidence, standing, evidence_count"
            " FROM memory_preference WHERE user_id = %s AND project_id = ''",
            [storable(user_id)],
        )
        rows = cursor.fetchall()
        why = _evidence(cursor, storable(user_id))
    found = [
        PreferenceRow(
            topic, label_of(topic), value, score, confidence, standing, count,
            tuple(why.get((topic, value), ())),
        )
        for topic, value, score, confidence, standing, count in rows
    ]  # fmt: skip
    places = {name: place for place, name in enumerate(TOPICS)}
    found.sort(key=lambda row: (places.get(row.topic, 99), row.standing == "rejected", -row.score))
    return tuple(found)


def _evidence(cursor: CursorWrapper, user_id: str) -> dict[tuple[str, str], list[EvidenceRow]]:
    cursor.execute(
        """
        SELECT topic, value, kind, quote, weight, at, source_kind, project_id, path, turn FROM (
            SELECT why.*, source.kind AS source_kind, row_number() OVER (
                PARTITION BY why.topic, why.value ORDER BY why.kind = 'statement' DESC, why.at DESC
            ) AS place
            FROM memory_preferenceevidence AS why
            JOIN memory_source AS source ON source.id = why.source_id
            WHERE why.user_id = %s
        ) AS placed WHERE place <= %s ORDER BY place
        """,
        [user_id, _MOST_EVIDENCE],
    )
    found: dict[tuple[str, str], list[EvidenceRow]] = defaultdict(list)
    for topic, value, *rest in cursor.fetchall():
        found[(topic, value)].append(EvidenceRow(*rest))
    return found


def for_project(user_id: str, project_id: str = "") -> tuple[Likely, ...]:
    """What is likely wanted there, the surest first; of a topic with one value only the best.

    Raises MemoryUnavailable.
    """
    with reach.reading() as cursor:
        cursor.execute(
            "SELECT topic, value, score, confidence, standing, project_id FROM memory_preference"
            " WHERE user_id = %s AND project_id IN ('', %s)",
            [storable(user_id), storable(project_id)],
        )
        rows = cursor.fetchall()
    common = _common()
    rejected = {(row[0], row[1]) for row in rows if row[4] == "rejected"}
    decided = {row[0] for row in rows if row[4] in ("pinned", "corrected")}
    found: dict[tuple[str, str], Likely] = {}
    circles: list[tuple[Basis, list[Any]]] = [
        ("project", [row for row in rows if row[5] and row[0] not in decided]),
        ("customer", [row for row in rows if not row[5]]),
        ("everyone", common),
    ]
    known: set[str] = set()
    for basis, circle in circles:
        told = set()
        for topic, value, score, confidence, *_ in circle:
            if (topic, value) in rejected or topic in known:
                continue
            if basis != "everyone" and confidence < _SURE:
                continue
            told.add(topic)
            found[(topic, value)] = Likely(topic, value, score, confidence, basis)
        known |= told
    return _best(list(found.values()))


def _best(found: list[Likely]) -> tuple[Likely, ...]:
    found.sort(key=lambda each: (-each.score * each.confidence, each.topic, each.value))
    taken: set[str] = set()
    kept = []
    for each in found:
        if each.score > 0 and TOPICS[each.topic].is_exclusive:
            if each.topic in taken:
                continue
            taken.add(each.topic)
        kept.append(each)
    return tuple(kept)


_common_until = 0.0
_common_known: list[tuple[str, str, float, float]] = []


def _common() -> list[tuple[str, str, float, float]]:
    """Of each topic the value that most of those who have one share, with little confidence.

    Everybody's preferences are gone through for it: kept for some minutes, and left out when that
    takes too long.
    """
    global _common_until, _common_known
    if time.monotonic() > _common_until:
        with contextlib.suppress(MemoryTooSlow), reach.reading(within_s=_COUNTING_S) as cursor:
            _common_known = _read_common(cursor)
        _common_until = time.monotonic() + _KEPT_S
    return _common_known


def _read_common(cursor: CursorWrapper) -> list[tuple[str, str, float, float]]:
    cursor.execute(
        """
        WITH best AS (
            SELECT DISTINCT ON (user_id, topic) user_id, topic, value FROM memory_preference
            WHERE project_id = '' AND score > 0.2 AND standing <> 'rejected'
            ORDER BY user_id, topic, score DESC
        ), counted AS (
            SELECT topic, value, count(*) AS n, sum(count(*)) OVER (PARTITION BY topic) AS all_of_it
            FROM best GROUP BY topic, value
        )
        SELECT topic, value, n / all_of_it FROM counted WHERE n >= all_of_it * %s AND n >= 3
        """,
        [_COMMON_SHARE],
    )
    return [(topic, value, float(share) / 2, 0.2) for topic, value, share in cursor.fetchall()]
