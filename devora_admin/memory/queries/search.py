"""Finding by meaning, by words and by identifiers at once, best first, each with its reasons."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.embedding import (
    BadVector,
    EmbedderUnavailable,
    Vector,
    embedder_of,
    standing,
)
from devora_admin.memory.queries import findings, question, snippets
from devora_admin.memory.queries.answers import (
    Answer,
    Asked,
    Hit,
    Leg,
    LegReport,
    Reason,
    Recall,
    Recalled,
    Segment,
    Share,
)
from devora_admin.memory.queries.by_meaning import ActiveModel
from devora_admin.memory.queries.findings import Findings, Found, Prepared
from devora_admin.memory.queries.scope import scope_of
from devora_admin.memory.queries.snippets import Snippet
from devora_admin.memory.store import reach

__all__ = [
    "Answer",
    "Asked",
    "Hit",
    "LegReport",
    "Reason",
    "Recall",
    "Recalled",
    "Segment",
    "Share",
    "recall",
    "search",
]

_EMBEDDING_S = 1.5
_SHOWN_WORDS = 6
_READ_CHARACTERS = 8000
"""Of a chunk, for its snippet."""


def search(asked: Asked, *, within_s: float = reach.PAGE_S) -> Answer:
    """Raises InvalidInput, MemoryUnavailable and MemoryTooSlow.

    within_s: for PostgreSQL, embedding apart.
    """
    return _answered(asked, within_s=within_s, is_recall=False)[0]


def recall(user_id: str, text: str, *, limit: int = 20) -> Recall:
    """What `text` would bring back for one customer, and what each leg gave to it.

    What staff rejected is not recalled; what they pinned counts more. Raises as `search` does.
    """
    asked = Asked(text, user_id=user_id, limit=limit)
    answer, found = _answered(asked, within_s=reach.PAGE_S, is_recall=True)
    chosen = {each.fused.chunk_id: each for each in found}
    return Recall(
        tuple(
            Recalled(hit, chosen[hit.chunk_id].fused.shares, chosen[hit.chunk_id].is_lifted)
            for hit in answer.hits
        ),
        is_words_only=answer.is_words_only,
        note=answer.note,
        legs=answer.legs,
    )


def _answered(asked: Asked, *, within_s: float, is_recall: bool) -> tuple[Answer, list[Found]]:
    text = question.clean(asked.text)
    scope = scope_of(asked)
    words, names = question.words_of(text), question.identifiers_of(text)
    with reach.reading(within_s=within_s) as cursor:
        prepared = findings.prepare(cursor, text, words, names, scope)
    vector, trouble = _vector(prepared.model, text)
    with reach.reading(within_s=within_s) as cursor:
        found = findings.find(
            cursor, prepared, vector,
            limit=asked.limit, within_s=within_s, lifts_pinned=is_recall,
        )  # fmt: skip
        chosen = found.found[: asked.limit]
        hits = _read(cursor, prepared, found, chosen)
    note = _note(prepared, found, hits, trouble, is_words_only=vector is None)
    legs = tuple(found.legs.values())
    return Answer(tuple(hits), is_words_only=vector is None, note=note, legs=legs), chosen


def _vector(model: ActiveModel | None, text: str) -> tuple[Vector | None, str]:
    """The question's by the model of the stored ones; else why there is none, for people."""
    if model is None:
        return None, standing().trouble or "The first vectors are still being made."
    try:
        return vector_of(model, text), ""
    except EmbedderUnavailable as error:
        return None, str(error)
    except (BadVector, ValueError):
        return None, "The embedding model made no vector of that question."


@lru_cache(maxsize=256)
def vector_of(model: ActiveModel, text: str) -> Vector:
    """Kept for when somebody turns a page or narrows the search. Raises EmbedderUnavailable."""
    embedder = embedder_of(model.name, model.revision)
    if embedder is None or embedder.dims != model.dims:
        raise EmbedderUnavailable(
            f"Vectors were made by {model.name}, which is not configured here any more."
        )
    [vector] = embedder.embed([text], timeout_s=_EMBEDDING_S)
    return vector


def _note(
    prepared: Prepared,
    found: Findings,
    hits: Sequence[Hit],
    trouble: str,
    *,
    is_words_only: bool,
) -> str:
    if found.too_slow:
        left_out = " and ".join(found.too_slow)
        return f"Matches by {left_out} took too long and were left out. Narrow the search."
    if not is_words_only:
        is_all_far = _is_all_far(prepared, found, hits)
        return "Nothing is close; these are the nearest." if is_all_far else ""
    if not prepared.terms and not prepared.names:
        return "There is no word in that to search for: each is too common. Add a rarer one."
    return f"Found by words alone. {trouble}".strip()


_COLUMNS = (
    "id", "kind", "source_id", "source_key", "user_id", "project_id", "title", "path", "symbol",
    "language", "line_from", "line_to", "turn", "role", "at", "text", "standing", "facts",
)  # fmt: skip


def _read(
    cursor: CursorWrapper, prepared: Prepared, found: Findings, chosen: Sequence[Found]
) -> list[Hit]:
    """What is within the scope still, in the order of `chosen`."""
    condition, values = prepared.scope.chunks()
    cursor.execute(
        "SELECT c.id, c.kind, c.source_id, s.key, c.user_id, c.project_id, s.title, c.path,"
        " c.symbol, c.language, c.line_from, c.line_to, c.turn, c.role, c.at, c.text, c.standing,"
        " s.facts,"
        " ARRAY(SELECT unnest(tsvector_to_array(c.words)) INTERSECT SELECT unnest(%s::text[])),"
        " ARRAY(SELECT unnest(tsvector_to_array(c.names)) INTERSECT SELECT unnest(%s::text[]))"
        " FROM memory_chunk c JOIN memory_source s ON s.id = c.source_id"
        f" WHERE c.id = ANY(%s) AND s.deleted_at IS NULL AND {condition}",
        [
            list(prepared.terms), prepared.names,
            [each.fused.chunk_id for each in chosen], *values,
        ],
    )  # fmt: skip
    rows = {row[0]: row for row in cursor.fetchall()}
    there = [each for each in chosen if each.fused.chunk_id in rows]
    texts = [rows[each.fused.chunk_id][15][:_READ_CHARACTERS] for each in there]
    # A stem begins as its word does, whatever comes of the end.
    begin = {term[:2] for term in prepared.terms}
    parts = [snippets.parts_like(text, begin) for text in texts]
    words = {text[start:end] for text, its in zip(texts, parts, strict=True) for start, end in its}
    matching = _matching(cursor, words, list(prepared.terms))
    return [
        _hit(
            prepared, found, each, rows[each.fused.chunk_id],
            snippets.snippet(
                text, its, matching, set(rows[each.fused.chunk_id][-1]), prepared.text
            ),
        )
        for each, text, its in zip(there, texts, parts, strict=True)
    ]  # fmt: skip


def _matching(cursor: CursorWrapper, words: set[str], terms: list[str]) -> frozenset[str]:
    """Which words PostgreSQL takes for one of the terms."""
    if not words:
        return frozenset()
    cursor.execute(
        "SELECT word FROM unnest(%s::text[]) AS word"
        " WHERE ts_lexize('english_stem', word) && %s::text[]",
        [sorted(words), terms],
    )
    return frozenset(word for (word,) in cursor.fetchall())


def _hit(
    prepared: Prepared, found: Findings, each: Found, row: Sequence[Any], shown: Snippet
) -> Hit:
    told = dict(zip(_COLUMNS, row, strict=False))
    line_from = told["line_from"]
    return Hit(
        chunk_id=told.pop("id"),
        snippet=shown.segments,
        snippet_line=line_from + shown.line if line_from else 0,
        score=each.score,
        reasons=tuple(_reasons(prepared, found, each, set(row[-2]), set(row[-1]))),
        copies=each.copies,
        facts=json.loads(told.pop("facts")),
        **told,
    )


def _reasons(
    prepared: Prepared, found: Findings, each: Found, terms: set[str], names: set[str]
) -> list[Reason]:
    legs: set[Leg] = {share.leg for share in each.fused.shares}
    reasons = []
    if "identifier" in legs and names:
        reasons.append(Reason("identifier", ", ".join(_in_order(prepared.names, names))))
    if "words" in legs and terms:
        typed = _in_order(prepared.terms, terms)
        reasons.append(Reason("words", ", ".join(dict.fromkeys(prepared.terms[t] for t in typed))))
    if "meaning" in legs:
        cosine = found.cosines[each.fused.chunk_id]
        how = "close in meaning" if _is_close(prepared, cosine) else "loosely related"
        reasons.append(Reason("meaning", f"{how} ({cosine:.2f})"))
    return reasons


def _is_close(prepared: Prepared, cosine: float) -> bool:
    return prepared.model is None or prepared.model.is_close(cosine)


def _is_all_far(prepared: Prepared, found: Findings, hits: Sequence[Hit]) -> bool:
    """Something was found, though nothing that shows a word of the question or a meaning close to
    it: what words alone led to may hold a single character of it."""
    return bool(hits) and all(
        reason.leg == "meaning" and not _is_close(prepared, found.cosines[hit.chunk_id])
        for hit in hits
        for reason in hit.reasons
    )


def _in_order(asked: Sequence[str] | dict[str, str], found: set[str]) -> list[str]:
    return [each for each in asked if each in found][:_SHOWN_WORDS]
