"""How much of what is closest a search finds, and how long it takes: for customers of each size,
and for everyone at once."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

import numpy as np
from django.db import connections

from devora_admin.memory.embedding import Vector
from devora_admin.memory.indexing import models
from devora_admin.memory.queries import by_meaning, findings, question
from devora_admin.memory.queries.by_meaning import ActiveModel
from devora_admin.memory.queries.scope import scope_of
from devora_admin.memory.queries.search import Asked, search, vector_of
from devora_admin.memory.store import reach
from devora_admin.memory.store.router import ALIAS
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.memory.filling import fill, fill_vectors
from devora_admin.ops.benchmarks.memory.known import Corpus
from devora_admin.ops.benchmarks.memory.processor import Processor
from devora_admin.ops.benchmarks.memory.text_index import by_text, drop_texts, fill_texts
from devora_admin.ops.benchmarks.memory.vectors import Like, nearness
from devora_admin.ops.benchmarks.memory.world import World
from devora_admin.ops.benchmarks.report import Amount, Figure, Report, Section, Target

EVERYONE = "everyone"
_OF_ONE, _OF_ALL, _WITH_EMBEDDING = Target(p95_ms=50), Target(p95_ms=150), Target(p95_ms=300)
_LEAST_FOUND = 0.95
_WANTED = 10
_WARM_UP = 5
_EQUAL = 1e-6
"""Cosines closer than this are of equally good ones."""
_PATIENCE_S = 60.0
_TEXT_QUESTIONS = 40
_MOST_TEXTS = 200_000
"""More would take MongoDB minutes to index."""


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of one size, or everyone."""

    name: str
    users: Sequence[str]
    rows: int

    @property
    def is_everyone(self) -> bool:
        return self.users == [""]


def sections(corpus: Corpus, *, chunks: int, questions: int, report: Report) -> Iterator[Section]:
    world, like = World(corpus.functions, chunks), Like(corpus.vectors)
    yield _built(world, like, corpus, report)
    groups = [
        *(Group(f"customers of {size:,}", users, size) for size, users in world.sizes.items()),
        Group(EVERYONE, [""], chunks),
    ]
    step = max(1, len(corpus.functions) // questions)
    asked = [each.question for each in corpus.functions[::step]][:questions]
    model = _model()
    vectors = [vector_of(model, question.clean(text)) for text in asked]
    report("how much of what is closest is found")
    yield _found(model, vectors, groups, like)
    report("how long a search takes")
    yield _took(asked, groups)
    if chunks <= _MOST_TEXTS:
        report("the same in MongoDB's text index")
        yield _beside(world, asked[:_TEXT_QUESTIONS], groups)


def _built(world: World, like: Like, corpus: Corpus, report: Report) -> Section:
    title = f"Building: {world.chunks:,} chunks"
    if _count() == world.chunks:
        return Section(title, [], notes=["They are as an earlier run left them."])
    report(f"writing {world.chunks:,} chunks")
    started = time.perf_counter()
    fill(piece.row for piece in world)
    rows_s = time.perf_counter() - started
    anchors = np.fromiter((piece.anchor for piece in world), np.int64, world.chunks)
    model_id = fill_vectors(
        corpus.embedder.name,
        corpus.embedder.revision,
        like.batches(anchors),
        (piece.row for piece in world),
    )
    report("building the index of vectors")
    started = time.perf_counter()
    models.make_index(model_id, corpus.embedder.dims)
    built_s = time.perf_counter() - started
    index_mb = _size_mb("pg_relation_size(%s::regclass)", models.index_name(model_id))
    database_mb = _size_mb("pg_database_size(current_database())")
    drawn = nearness(like.draw(np.arange(len(corpus.functions))))
    return Section(
        title,
        [],
        amounts=[
            Amount("rows and their words, by COPY", world.chunks / rows_s, "a second", form=",.0f"),
            Amount("index of vectors, built in", built_s, "s", form=",.1f"),
            Amount("index of vectors", index_mb, "MB", form=",.0f"),
            Amount("all of the database", database_mb, "MB", form=",.0f"),
        ],
        notes=[
            "Vectors are drawn around real ones; cosine to the nearest of as many (p10 / p50 / p90)"
            f" {drawn}, of the {len(corpus.functions):,} real ones {like.real}.",
        ],
    )


def _found(
    model: ActiveModel, questions: Sequence[Vector], groups: Sequence[Group], like: Like
) -> Section:
    """For questions, and for pieces of code, which have closer neighbours."""
    random = Random(2)
    drawn = like.draw(np.random.default_rng(3).integers(0, like.count, len(questions)))
    given = [*questions, *(Vector.of(model, values) for values in drawn)]
    amounts = []
    for group in groups:
        shares = [
            _share_found(model, vector, random.choice(group.users), group, groups[-1].rows)
            for vector in given
        ]
        name = f"{group.name} (the worst {min(shares):.1f})"
        amounts.append(Amount(name, fmean(shares), least=_LEAST_FOUND))
    return Section(
        f"Recall@{_WANTED} against comparing all, {len(given):,} vectors", [], amounts=amounts
    )


def _share_found(
    model: ActiveModel, vector: Vector, user_id: str, group: Group, total: int
) -> float:
    scope = scope_of(Asked("-", user_id=user_id))
    with reach.reading(within_s=_PATIENCE_S) as cursor:
        near = by_meaning.find(
            cursor, vector, model, scope, rows=group.rows, total=total, limit=findings.DEPTH
        )
        exact = by_meaning.exactly(cursor, vector, model, scope, _WANTED)
    farthest = exact[-1][1] - _EQUAL
    return sum(cosine >= farthest for _, cosine in near.found[:_WANTED]) / len(exact)


def _took(asked: Sequence[str], groups: Sequence[Group]) -> Section:
    figures, notes = [], []
    for group in groups:
        times = _times(asked, group)
        target = _OF_ALL if group.is_everyone else _OF_ONE
        figures.append(Figure(group.name, times.searches, target))
        notes.append(f"{group.name}, p50 / p95: {times}")
    everyone = groups[-1]
    embedded = _times(asked, everyone, forget=vector_of.cache_clear).searches
    figures.append(Figure(f"{EVERYONE}, embedding included", embedded, _WITH_EMBEDDING))
    title = "Search: three legs, fused, with snippets; embedding apart (ms)"
    return Section(title, figures, notes=notes)


@dataclass(frozen=True, slots=True)
class Times:
    searches: Sample
    legs: dict[str, Sample]
    processor: Sample | None

    def __str__(self) -> str:
        told = {**self.legs, **({"processor time": self.processor} if self.processor else {})}
        return ", ".join(f"{name} {each.p50:.1f} / {each.p95:.1f}" for name, each in told.items())


def _times(
    asked: Sequence[str], group: Group, *, forget: Callable[[], None] = lambda: None
) -> Times:
    random, processor = Random(4), Processor()
    times: list[float] = []
    used: list[float] = []
    legs: dict[str, list[float]] = {}
    for number, text in enumerate([*asked[:_WARM_UP], *asked]):
        user_id = random.choice(group.users)
        forget()
        before, start = processor.ms(), time.perf_counter()
        answer = search(Asked(text, user_id=user_id), within_s=_PATIENCE_S)
        took_ms, after = (time.perf_counter() - start) * 1000, processor.ms()
        assert all(user_id in ("", hit.user_id) for hit in answer.hits)
        if number < _WARM_UP:
            continue
        times.append(took_ms)
        if before is not None and after is not None:
            used.append(after - before)
        for leg in answer.legs:
            legs.setdefault(f"{leg.leg} {leg.how}".strip(), []).append(leg.took_ms)
    return Times(
        Sample.of(times),
        {name: Sample.of(legs[name]) for name in sorted(legs)},
        Sample.of(used) if used else None,
    )


def _beside(world: World, asked: Sequence[str], groups: Sequence[Group]) -> Section:
    started = time.perf_counter()
    fill_texts(piece.row for piece in world)
    filled_s = time.perf_counter() - started
    random = Random(4)
    figures = []
    for group in groups:
        times = []
        for text in asked:
            user_id = random.choice(group.users)
            start = time.perf_counter()
            by_text(text, limit=findings.DEPTH, user_id=user_id)
            times.append((time.perf_counter() - start) * 1000)
        figures.append(Figure(f"$text, {group.name}", Sample.of(times)))
    drop_texts()
    return Section(
        "MongoDB's $text on the same chunks, words alone (ms)",
        figures,
        amounts=[
            Amount("documents and their index", world.chunks / filled_s, "a second", form=",.0f")
        ],
    )


def _model() -> ActiveModel:
    active = models.active()
    assert active is not None
    return ActiveModel(active.id, active.name, active.revision, active.dims)


def _count() -> int:
    """Of chunks, if all have their vectors."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM memory_chunk), (SELECT count(*) FROM memory_embedding)"
        )
        chunks, vectors = cursor.fetchone()
        return int(chunks) if chunks == vectors else 0


def _size_mb(expression: str, *values: str) -> float:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(f"SELECT {expression}", values)
        return float(cursor.fetchone()[0]) / 2**20
