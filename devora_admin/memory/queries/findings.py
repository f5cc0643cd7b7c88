"""What the legs find of a question, fused: ids and shares, without texts."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.embedding import Vector
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.queries import by_identifier, by_meaning, by_words, frequencies
from devora_admin.memory.queries.answers import Leg, LegReport
from devora_admin.memory.queries.by_meaning import ActiveModel
from devora_admin.memory.queries.fusion import Fused, fuse, weights_of
from devora_admin.memory.queries.scope import Scope
from devora_admin.memory.store import beside, reach

DEPTH = 50
"""Of each leg."""
_DEEPEST = 800
_FOR_LEGS = 0.75
"""Of the time there is; the rest is for reading what they found."""
PIN_LIFT = 1.5
AT_ONCE_FROM = 5000
"""Chunks of a scope: from so many on, what a second connection takes is small beside a leg."""
_LEAST_S = 0.05
"""Of the time there is; with less, a second connection would come too late."""
_GRACE_S, _ENDING_S = 0.05, 0.3
"""For the end of a leg that was stopped: waited for, and until its connection is cut."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question as the legs take it."""

    text: str
    scope: Scope
    rows: float
    """Chunks in the scope, about, whatever the filters."""
    terms: dict[str, str]
    """Words as PostgreSQL stems them, without stop words, and each as it was typed."""
    telling: list[str]
    """Those that are not everywhere in the scope."""
    names: list[str]
    model: ActiveModel | None


@dataclass(frozen=True, slots=True)
class Found:
    fused: Fused
    copies: int
    is_lifted: bool

    @property
    def score(self) -> float:
        return self.fused.score * (PIN_LIFT if self.is_lifted else 1)


@dataclass(slots=True)
class Findings:
    """Best first."""

    found: list[Found] = field(default_factory=list)
    cosines: Mapping[int, float] = field(default_factory=dict)
    legs: dict[Leg, LegReport] = field(default_factory=dict)
    too_slow: list[Leg] = field(default_factory=list)


def prepare(
    cursor: CursorWrapper, text: str, words: list[str], names: list[str], scope: Scope
) -> Prepared:
    """One look at the store before the question is embedded."""
    cursor.execute(
        "SELECT (SELECT array_agg(ARRAY[lexeme, word] ORDER BY place) FROM"
        "   unnest(%s::text[]) WITH ORDINALITY AS asked (word, place),"
        "   unnest(tsvector_to_array(memory_words('', '', word))) AS lexeme),"
        " (SELECT array_agg(ARRAY[id::text, name, revision, dims::text])"
        "   FROM memory_embeddingmodel WHERE state = 'active')",
        [words],
    )
    [(stems, models)] = cursor.fetchall()
    rows = frequencies.rows_of(cursor, scope)
    shares = frequencies.of_scope(cursor, scope, rows)
    typed = _as_typed(stems or [])
    telling = by_words.telling(list(typed), shares)
    model = None
    if models:
        [(key, name, revision, dims)] = models
        model = ActiveModel(int(key), name, revision, int(dims))
    return Prepared(text, scope, rows, typed, telling, names, model)


def _as_typed(stems: list[list[str]]) -> dict[str, str]:
    """A word that is taken apart is shown in its parts."""
    parts: dict[str, list[str]] = {}
    for lexeme, word in stems:
        parts.setdefault(word, []).append(lexeme)
    typed: dict[str, str] = {}
    for lexeme, word in stems:
        typed.setdefault(lexeme, word if len(parts[word]) == 1 else lexeme)
    return typed


def find(
    cursor: CursorWrapper,
    asked: Prepared,
    vector: Vector | None,
    *,
    limit: int,
    within_s: float,
    lifts_pinned: bool = False,
) -> Findings:
    """At least `limit` where there are as many, unless time runs out.

    Raises MemoryTooSlow when no leg found anything in time.
    """
    until = time.monotonic() + within_s * _FOR_LEGS
    depth = max(DEPTH, limit)
    while True:
        findings, is_more = _at_depth(cursor, asked, vector, depth, until, lifts_pinned)
        enough = len(findings.found) >= limit or not is_more or depth >= _DEEPEST
        if enough or findings.too_slow:
            if findings.too_slow and not findings.found:
                raise MemoryTooSlow
            return findings
        depth *= 4


def _at_depth(
    cursor: CursorWrapper,
    asked: Prepared,
    vector: Vector | None,
    depth: int,
    until: float,
    lifts_pinned: bool,
) -> tuple[Findings, bool]:
    findings = Findings()
    every = ranked(cursor, asked, vector, depth=depth, until=until)
    for leg, ran in every.items():
        findings.legs[leg] = LegReport(leg, len(ran.rows), ran.took_ms, ran.how)
        if ran.is_late:
            findings.too_slow.append(leg)
        if leg == "meaning":
            findings.cosines = dict(ran.rows)
    weights = weights_of(asked.model.name if asked.model else "")
    fused = fuse({leg: ran.ids for leg, ran in every.items()}, weights)
    findings.found = _folded(cursor, asked.scope, fused, lifts_pinned)
    return findings, any(len(ran.rows) >= depth for ran in every.values())


@dataclass(frozen=True, slots=True)
class Ran:
    rows: list[tuple[int, float]]
    """Ids of chunks, best first, and what each is worth to the leg."""
    took_ms: float
    how: str
    is_late: bool = False

    @property
    def ids(self) -> list[int]:
        return [chunk_id for chunk_id, _ in self.rows]


def ranked(
    cursor: CursorWrapper, asked: Prepared, vector: Vector | None, *, depth: int, until: float
) -> dict[Leg, Ran]:
    """until: on the clock of time.monotonic."""
    legs = _legs(cursor, asked, vector, depth)
    here = dict(legs)
    apart, left_s = None, until - time.monotonic()
    is_large = asked.rows > AT_ONCE_FROM and "meaning" in legs and len(legs) > 1
    if is_large and left_s > _LEAST_S:
        meaning = partial(_ran, run=legs["meaning"], until=until)
        # The leg ends itself; its connection is not to be cut while the server still does so.
        apart = beside.ask(meaning, within_s=left_s + _ENDING_S)
    if apart:
        del here["meaning"]
    every: dict[Leg, Ran] = {}
    for number, (leg, run) in enumerate(here.items(), 1):
        now = time.monotonic()
        # One that hangs leaves half of the time to the others.
        ends = until if number == len(here) else now + (until - now) / 2
        every[leg] = _ran(cursor, run, ends)
    if apart and (ran := _awaited(apart, until)):
        every["meaning"] = ran
    elif apart:
        every["meaning"] = _ran(cursor, legs["meaning"], until)
    return every


def _ran(cursor: CursorWrapper, run: "_Run", until: float) -> Ran:
    started = time.monotonic()
    rows: list[tuple[int, float]] = []
    how, is_late = "", False
    try:
        with reach.step(cursor, until=until):
            rows, how = run(cursor)
    except MemoryTooSlow:
        is_late = True
    return Ran(rows, (time.monotonic() - started) * 1000, how, is_late)


def _awaited(apart: Future[Ran], until: float) -> Ran | None:
    """None where there was no second connection: whether the store is away, the first one tells."""
    started = time.monotonic()
    try:
        return apart.result(max(0.0, until - started) + _GRACE_S)
    except (MemoryTooSlow, TimeoutError):
        return Ran([], (time.monotonic() - started) * 1000, "", is_late=True)
    except MemoryUnavailable:
        return None


_Run = Callable[[CursorWrapper], tuple[list[tuple[int, float]], str]]


def _legs(
    cursor: CursorWrapper, asked: Prepared, vector: Vector | None, depth: int
) -> dict[Leg, _Run]:
    everyone = frequencies.of_everyone(cursor)
    total = max(everyone.rows, asked.rows)
    legs: dict[Leg, _Run] = {}
    if asked.names:

        def identifiers(cursor: CursorWrapper) -> tuple[list[tuple[int, float]], str]:
            found = by_identifier.find(
                cursor, asked.names, everyone.names, asked.scope,
                rows=asked.rows, total=total, limit=depth,
                is_alone=not asked.terms and vector is None,
            )  # fmt: skip
            return found, ""

        legs["identifier"] = identifiers
    if asked.terms:

        def having(
            cursor: CursorWrapper, terms: list[str], limit: int, *, any_one: bool
        ) -> list[tuple[int, float]]:
            return by_words.find(
                cursor, terms, everyone.words, asked.scope,
                rows=asked.rows, total=total, limit=limit, any_one=any_one,
            )  # fmt: skip

        def words(cursor: CursorWrapper) -> tuple[list[tuple[int, float]], str]:
            found = having(cursor, asked.telling, depth, any_one=False)
            if vector is None and len(found) < depth:
                # What has only common words, or one of them, is better than nothing.
                known = dict(found)
                more = having(cursor, list(asked.terms), depth + len(found), any_one=True)
                found += [each for each in more if each[0] not in known]
            return found, ""

        legs["words"] = words
    if vector is not None and (model := asked.model) is not None:
        given = vector

        def meaning(cursor: CursorWrapper) -> tuple[list[tuple[int, float]], str]:
            near = by_meaning.find(
                cursor, given, model, asked.scope,
                rows=asked.rows, total=total, limit=depth,
            )  # fmt: skip
            return near.found, near.how

        legs["meaning"] = meaning
    return legs


def _folded(
    cursor: CursorWrapper, scope: Scope, fused: list[Fused], lifts_pinned: bool
) -> list[Found]:
    """The same text of one source once, and an issue once, each at its best place."""
    condition, values = scope.chunks()
    cursor.execute(
        "SELECT c.id, c.source_id, CASE c.kind WHEN 'issue' THEN ''::bytea ELSE c.sha256 END,"
        " c.standing FROM memory_chunk c"
        f" WHERE c.id = ANY(%s) AND {condition}",
        [[each.chunk_id for each in fused], *values],
    )
    known = {row[0]: (row[1], bytes(row[2]), row[3]) for row in cursor.fetchall()}
    first: dict[tuple[int, bytes], Found] = {}
    for each in fused:
        if each.chunk_id not in known:
            continue
        source_id, sha256, standing = known[each.chunk_id]
        before = first.get((source_id, sha256))
        first[source_id, sha256] = (
            Found(before.fused, before.copies + 1, before.is_lifted)
            if before
            else Found(each, 0, lifts_pinned and standing == "pinned")
        )
    return sorted(first.values(), key=lambda each: (-each.score, each.fused.chunk_id))
