"""Evidence and what staff decided, to the preferences that pages and the AI read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.core import clock
from devora_admin.memory.chunking.piece import Piece
from devora_admin.memory.preferences.decisions import Decision, about_preferences
from devora_admin.memory.preferences.evidence import Evidence
from devora_admin.memory.preferences.manifests import evidence_of_stack
from devora_admin.memory.preferences.scoring import Score, Weighed, scores
from devora_admin.memory.preferences.statements import statements

CUSTOMERS = ("user", "human", "customer")
_MOST_OF_A_SOURCE = 500


def evidence_of(kind: str, pieces: Iterable[Piece], stack: Iterable[str]) -> list[Evidence]:
    """The evidence in a source: in what the customer says, and in what a project is built with."""
    if kind == "project":
        return list(evidence_of_stack(stack))
    if kind not in ("message", "note"):
        return []
    # By whole messages: a piece may begin within code that another one opened.
    said: dict[int | None, list[Piece]] = {}
    for piece in pieces:
        if piece.role in CUSTOMERS:
            said.setdefault(piece.turn, []).append(piece)
    found: list[Evidence] = []
    for turn, parts in said.items():
        text = "\n\n".join(part.text for part in parts)
        found += (replace(each, at=parts[0].at) for each in statements(text, turn=turn))
        if len(found) >= _MOST_OF_A_SOURCE:
            break
    return found[:_MOST_OF_A_SOURCE]


def drop_evidence(cursor: CursorWrapper, source_ids: Sequence[int]) -> None:
    if not source_ids:
        return
    cursor.execute(
        "DELETE FROM memory_preferenceevidence WHERE source_id = ANY(%s)", [list(source_ids)]
    )


def store_evidence(
    cursor: CursorWrapper,
    source_id: int,
    *,
    user_id: str,
    project_id: str,
    evidence: Sequence[Evidence],
) -> None:
    """What a source says, for one of which nothing is stored."""
    if not evidence:
        return
    rows = [
        (each.topic, each.value, each.weight, each.kind, each.quote, each.path, each.turn,
         each.span_from, each.span_to, each.at)
        for each in evidence
    ]  # fmt: skip
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor.execute(
        """
        INSERT INTO memory_preferenceevidence (source_id, user_id, project_id, topic, value, weight,
            kind, quote, path, turn, span_from, span_to, at)
        SELECT %s, %s, %s, new.* FROM unnest(%s::text[], %s::text[], %s::float8[], %s::text[],
            %s::text[], %s::text[], %s::int[], %s::int[], %s::int[], %s::timestamptz[]) AS new
        """,
        [source_id, user_id, project_id, *columns],
    )


def learn(cursor: CursorWrapper, user_id: str) -> None:
    """Reckons a customer's preferences anew: for all of their projects, and for each of its own."""
    # One after the other: each then sees the evidence of those before it, and what was decided.
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('learn ' || %s, 0))", [user_id])
    decided = about_preferences(user_id)
    cursor.execute(
        "SELECT project_id, topic, value, weight, kind, at FROM memory_preferenceevidence"
        " WHERE user_id = %s",
        [user_id],
    )
    by_project: dict[str, list[Weighed]] = {"": []}
    for project_id, topic, value, weight, kind, at in cursor.fetchall():
        weighed = Weighed(topic, value, weight, kind == "statement", at)
        by_project[""].append(weighed)
        if project_id:
            by_project.setdefault(project_id, []).append(weighed)
    now = clock.now()
    rows = []
    for project_id, evidence in by_project.items():
        made = {(each.topic, each.value): each for each in scores(evidence, now=now)}
        rows += _decided(project_id, made, decided)
    cursor.execute("DELETE FROM memory_preference WHERE user_id = %s", [user_id])
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor.execute(
        """
        INSERT INTO memory_preference (user_id, project_id, topic, value, score, confidence,
            evidence_count, standing, reckoned_at)
        SELECT %s, new.*, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::float8[],
            %s::float8[], %s::int[], %s::text[]) AS new
        """,
        [user_id, now, *columns],
    )


def _decided(
    project_id: str, made: dict[tuple[str, str], Score], decisions: Sequence[Decision]
) -> list[tuple[Any, ...]]:
    """A person's word ends the matter: pinned holds in full, rejected never, corrected both."""
    rows = {
        key: (project_id, *key, each.score, each.confidence, each.evidence, "")
        for key, each in made.items()
    }
    if project_id:
        return list(rows.values())
    for decision in decisions:
        key = (decision.topic, decision.value)
        count = made[key].evidence if key in made else 0
        if decision.standing == "pinned":
            rows[key] = (project_id, *key, 1.0, 1.0, count, "pinned")
        else:
            rows[key] = (project_id, *key, 0.0, 1.0, count, "rejected")
        if decision.standing == "corrected":
            right = (decision.topic, decision.correction)
            count = made[right].evidence if right in made else 0
            rows[right] = (project_id, *right, 1.0, 1.0, count, "corrected")
    return list(rows.values())
