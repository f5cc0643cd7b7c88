"""Projects like another: half by what they are built with, half by what they are said to be."""

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.embedding import Vector
from devora_admin.memory.queries import by_meaning, frequencies
from devora_admin.memory.queries.by_meaning import ActiveModel
from devora_admin.memory.queries.by_words import narrowed
from devora_admin.memory.queries.frequencies import Frequencies
from devora_admin.memory.queries.scope import Scope
from devora_admin.memory.store import reach
from devora_admin.memory.words import storable

_CANDIDATES = 60
"""Of each half."""
_BUDGET = 1500
_LEAST_WEIGHT = 0.05
_UNLIKE = 0.3
"""Cosine below which two descriptions have nothing in common that is worth telling."""
_SHOWN_TERMS = 4


@dataclass(frozen=True, slots=True)
class SharedTerm:
    term: str
    """As `chunking.project.stack_of` writes it: npm:next, language:typescript."""
    weight: float
    """Higher for what fewer projects have."""


@dataclass(frozen=True, slots=True)
class SimilarProject:
    project_id: str
    title: str
    user_id: str
    score: float
    """0 to 1."""
    shared: tuple[SharedTerm, ...]
    """Rarest first."""
    reasons: tuple[str, ...]
    is_stack_only: bool
    """There is no vector of one of the two descriptions, so the stack alone was compared."""


@dataclass(frozen=True, slots=True)
class _Project:
    project_id: str
    title: str
    user_id: str
    stack: frozenset[str]


def similar_projects(project_id: str, limit: int = 5) -> tuple[SimilarProject, ...]:
    """Most alike first; none where this one is not indexed yet.

    Raises MemoryUnavailable and MemoryTooSlow.
    """
    with reach.reading() as cursor:
        found = _projects(cursor, [storable(project_id)])
        if not found:
            return ()
        [mine] = found
        shares = frequencies.of_stacks(cursor)
        weights = _Weights(shares)
        candidates = {each.project_id: each for each in _like_stack(cursor, mine, shares, weights)}
        cosines: Mapping[str, float] = {}
        model = by_meaning.active_model(cursor)
        if model and (vector := _vector(cursor, model, mine.project_id)):
            near = _near(cursor, model, vector)
            missing = near - candidates.keys() - {mine.project_id}
            candidates |= {each.project_id: each for each in _projects(cursor, missing)}
            cosines = _cosines(cursor, model, vector, list(candidates))
    judged = [
        _judged(mine, each, weights, cosines.get(each.project_id)) for each in candidates.values()
    ]
    alike = [each for each in judged if each.reasons]
    return tuple(sorted(alike, key=lambda each: (-each.score, each.project_id))[:limit])


class _Weights(dict[str, float]):
    """Of terms, as they are asked for: higher for what fewer projects have."""

    def __init__(self, shares: Frequencies) -> None:
        self._shares = shares

    def __missing__(self, term: str) -> float:
        weight = max(_LEAST_WEIGHT, -math.log(max(self._shares.share(term), 1e-6)))
        return self.setdefault(term, weight)

    def overlap(self, one: frozenset[str], other: frozenset[str]) -> float:
        """0 to 1: of the weight of all terms of both, that of those they share."""
        every = sum(map(self.__getitem__, one | other))
        return sum(map(self.__getitem__, one & other)) / every if every else 0.0


def _judged(
    mine: _Project, other: _Project, weights: _Weights, cosine: float | None
) -> SimilarProject:
    overlap = weights.overlap(mine.stack, other.stack)
    shared = sorted(
        (SharedTerm(term, weights[term]) for term in mine.stack & other.stack),
        key=lambda each: (-each.weight, each.term),
    )
    return SimilarProject(
        other.project_id,
        other.title,
        other.user_id,
        score=overlap if cosine is None else (overlap + max(0.0, cosine)) / 2,
        shared=tuple(shared),
        reasons=tuple(_reasons(shared, cosine)),
        is_stack_only=cosine is None,
    )


def _reasons(shared: Sequence[SharedTerm], cosine: float | None) -> Iterable[str]:
    if shared:
        names = [each.term.split(":", 1)[-1] for each in shared]
        more = len(names) - _SHOWN_TERMS
        yield (
            "both have "
            + ", ".join(names[:_SHOWN_TERMS])
            + (f" and {more} more" if more > 0 else "")
        )
    if cosine is not None and cosine >= _UNLIKE:
        yield f"described alike ({cosine:.2f})"
    elif cosine is None and shared:
        yield "compared by what they are built with alone"


_COLUMNS = "s.key, s.title, s.user_id, s.stack FROM memory_source s"
_LIVE = "s.kind = 'project' AND s.deleted_at IS NULL"


def _projects(cursor: CursorWrapper, project_ids: Collection[str]) -> list[_Project]:
    cursor.execute(
        f"SELECT {_COLUMNS} WHERE {_LIVE} AND s.key = ANY(%s)",
        [[each.replace("\x00", "") for each in project_ids]],
    )
    return _read(cursor.fetchall())


def _like_stack(
    cursor: CursorWrapper, mine: _Project, shares: Frequencies, weights: _Weights
) -> list[_Project]:
    """Those that share most with it, of the ones that share something rare."""
    if not mine.stack:
        return []
    cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'memory_source_stack'::regclass")
    [(rows,)] = cursor.fetchall()
    choices = narrowed(list(mine.stack), shares, rows=max(rows, 1), budget=_BUDGET)
    chosen = " OR ".join(["s.stack @> %s::jsonb"] * len(choices))
    cursor.execute(
        f"SELECT {_COLUMNS} WHERE {_LIVE} AND ({chosen}) LIMIT {2 * _BUDGET}",
        [json.dumps(terms) for terms in choices],
    )
    found = [each for each in _read(cursor.fetchall()) if each.project_id != mine.project_id]
    return sorted(
        found, key=lambda each: (-weights.overlap(mine.stack, each.stack), each.project_id)
    )[:_CANDIDATES]


_OF_DESCRIPTION = (
    "FROM memory_source s JOIN memory_chunk c ON c.source_id = s.id AND c.ordinal = 0"
    " JOIN memory_embedding e ON e.chunk_id = c.id"
    f" WHERE {_LIVE} AND c.standing <> 'rejected' AND e.model_id = %s"
)


def _vector(cursor: CursorWrapper, model: ActiveModel, project_id: str) -> Vector | None:
    cursor.execute(
        f"SELECT e.vector::text {_OF_DESCRIPTION} AND s.key = %s",
        [model.id, project_id],
    )
    rows = cursor.fetchall()
    return Vector.of(model, json.loads(rows[0][0])) if rows else None


def _near(cursor: CursorWrapper, model: ActiveModel, vector: Vector) -> set[str]:
    """Ids of the projects that are described most like it."""
    described = Scope(filters=["c.kind = ANY(%s)"], filter_values=[["project"]])
    cursor.execute(
        "SELECT count(*) FROM (SELECT 1 FROM memory_embedding e WHERE e.model_id = %s"
        f" LIMIT {by_meaning.EXACT_UP_TO + 1}) AS counted",
        [model.id],
    )
    [(rows,)] = cursor.fetchall()
    near = by_meaning.find(
        cursor, vector, model, described, rows=rows, total=rows, limit=_CANDIDATES
    )
    cursor.execute(
        "SELECT DISTINCT c.project_id FROM memory_chunk c WHERE c.id = ANY(%s)",
        [[chunk_id for chunk_id, _ in near.found]],
    )
    return {project_id for (project_id,) in cursor.fetchall()}


def _cosines(
    cursor: CursorWrapper, model: ActiveModel, vector: Vector, project_ids: list[str]
) -> dict[str, float]:
    cursor.execute(
        f"SELECT s.key, 1 - (e.vector <=> %s::halfvec) {_OF_DESCRIPTION} AND s.key = ANY(%s)",
        [vector.literal, model.id, project_ids],
    )
    return dict(cursor.fetchall())


def _read(rows: Iterable[Sequence[Any]]) -> list[_Project]:
    return [
        _Project(key, title, user_id, frozenset(json.loads(stack)))
        for key, title, user_id, stack in rows
    ]
