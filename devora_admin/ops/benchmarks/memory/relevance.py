"""Does a question find what answers it? A docstring's first sentence, and the function it was taken
from, among all others.

Half of the questions choose the weights of the fusion, and the other half tell how good they are.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from devora_admin.memory.embedding import Vector
from devora_admin.memory.queries import findings, fusion, question
from devora_admin.memory.queries.answers import Leg
from devora_admin.memory.queries.fusion import Weights, fuse
from devora_admin.memory.queries.scope import Scope
from devora_admin.memory.store import reach
from devora_admin.ops.benchmarks.memory.corpus import Function
from devora_admin.ops.benchmarks.memory.filling import Row, fill, fill_vectors
from devora_admin.ops.benchmarks.memory.known import Corpus
from devora_admin.ops.benchmarks.memory.text_index import by_text, fill_texts
from devora_admin.ops.benchmarks.report import Amount, Report, Section

LEGS: tuple[Leg, ...] = ("meaning", "words", "identifier")
_SEEN = 10
_PATIENCE_S = 30.0
_TRIED_K = (2, 5, 10, 20, 60)
_TRIED_WORDS = (0.3, 0.5, 0.7, 1.0, 1.4, 2.0)


@dataclass(frozen=True, slots=True)
class Found:
    """Of one question: ids, best first."""

    wanted: int
    legs: Mapping[Leg, Sequence[int]]
    by_text: Sequence[int]
    """MongoDB's $text."""


def section(corpus: Corpus, *, questions: int, report: Report) -> Section:
    report(f"questions among {len(corpus.functions):,} functions")
    rows = [
        Row("benchmark", f"project-{number // 40}", each.path, each.symbol, each.line, each.text)
        for number, each in enumerate(corpus.functions)
    ]
    fill(rows)
    name, revision = corpus.embedder.name, corpus.embedder.revision
    fill_vectors(name, revision, [corpus.vectors], rows)
    fill_texts(rows)
    step = max(1, len(corpus.functions) // questions)
    chosen = list(enumerate(corpus.functions, 1))[::step][:questions]
    found = [_found(number, each, corpus) for number, each in chosen]
    tuning, telling = found[::2], found[1::2]
    used = fusion.weights_of(name)
    best, of_best = _best_weights(tuning)
    best_leg = max(_ndcg(telling, _of_leg(leg)) for leg in LEGS)
    return Section(
        f"Relevance: nDCG@{_SEEN}, {len(telling):,} docstrings among {len(rows):,} functions,"
        " docstrings removed",
        [],
        amounts=[
            *(Amount(f"{leg} alone", _ndcg(telling, _of_leg(leg))) for leg in LEGS),
            Amount("fused", _ndcg(telling, _fused(used, fusion.K)), least=best_leg),
            Amount("MongoDB $text", _ndcg(telling, lambda each: each.by_text)),
        ],
        notes=[
            f"Weights of {name}: meaning {used.meaning:g}, words {used.words:g}, identifiers"
            f" {used.identifier:g}, k = {fusion.K}; on the {len(tuning):,} other questions they"
            f" reach {_ndcg(tuning, _fused(used, fusion.K)):.3f}, and the best of"
            f" {len(_TRIED_K) * len(_TRIED_WORDS)} tried (words {2 * best[1].words:g} to meaning 2,"
            f" k = {best[0]}) {of_best:.3f}.",
        ],
    )


def _found(number: int, function: Function, corpus: Corpus) -> Found:
    text = question.clean(function.question)
    [vector] = corpus.embedder.embed([text])
    return Found(number, _legs(text, vector), by_text(text, limit=findings.DEPTH))


def _legs(text: str, vector: Vector) -> dict[Leg, list[int]]:
    words, names = question.words_of(text), question.identifiers_of(text)
    with reach.reading(within_s=_PATIENCE_S) as cursor:
        asked = findings.prepare(cursor, text, words, names, Scope())
        until = time.monotonic() + _PATIENCE_S
        every = findings.ranked(cursor, asked, vector, depth=findings.DEPTH, until=until)
    return {leg: ran.ids for leg, ran in every.items()}


def _best_weights(found: Sequence[Found]) -> tuple[tuple[int, Weights], float]:
    tried = {
        (k, words): _ndcg(found, _fused(Weights(1, words, words), k))
        for k, words in product(_TRIED_K, _TRIED_WORDS)
    }
    (k, words), reached = max(tried.items(), key=lambda each: each[1])
    return (k, Weights(1, words, words)), reached


Ranking = Callable[[Found], Sequence[int]]


def _of_leg(leg: Leg) -> Ranking:
    return lambda found: found.legs.get(leg, ())


def _fused(weights: Weights, k: float) -> Ranking:
    return lambda found: [each.chunk_id for each in fuse(found.legs, weights, k=k)]


def _ndcg(found: Sequence[Found], ranking: Ranking) -> float:
    """One function is right, so that only its place counts."""
    return fmean(_gain(ranking(each), each.wanted) for each in found)


def _gain(ids: Sequence[int], wanted: int) -> float:
    seen = list(ids[:_SEEN])
    return 1 / math.log2(2 + seen.index(wanted)) if wanted in seen else 0.0
