"""The words leg: chunks that have the question's rarer words, those with more of them first."""

import math
from collections.abc import Sequence
from itertools import combinations, groupby
from operator import itemgetter

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.queries.frequencies import Frequencies
from devora_admin.memory.queries.scope import Scope

COMMON = 0.3
"""Words in a larger share of chunks tell nothing apart."""
BUDGET = 3000
"""Chunks to rank, about; among 200,000 these hold 97 % of the ten that ranking all of them finds
first, at a twentieth of the time."""
_OF_ONE = 1000
"""For one customer: 98 % of them, among 50,000 chunks."""
SCANNED = 8000
"""Up to so many chunks of a scope are looked at one by one: the index reads what everyone has."""
_READ = 60_000
"""Entries of the index for words that choose alone, about, and as many for the rarest of those that
choose together, as the index goes through these."""
_MOST_TERMS = 32
_MOST_ROWS = 2 * SCANNED
_COMPANY = 3.0
"""How much more often words are found together than chance would have it."""


def telling(terms: Sequence[str], frequencies: Frequencies) -> list[str]:
    """The rarer ones, rarest first; where all are common, the rarest few of them."""
    rarest = _rarest(terms, frequencies)
    return [term for term in rarest if frequencies.share(term) <= COMMON] or rarest[:3]


def _rarest(terms: Sequence[str], frequencies: Frequencies) -> list[str]:
    return sorted(terms, key=lambda term: (frequencies.share(term), term))[:_MOST_TERMS]


def narrowed(
    terms: Sequence[str],
    frequencies: Frequencies,
    *,
    rows: float,
    total: float | None = None,
    budget: float = BUDGET,
) -> list[tuple[str, ...]]:
    """Which words, or words together, choose the chunks to rank, so that they stay few.

    rows: in the scope, of `total`. A chunk with two of the commoner words outranks one with either.
    """
    chosen: list[tuple[str, ...]] = []
    left, read = budget, float(_READ)
    common: list[str] = []
    for term in sorted(terms, key=frequencies.share):
        share = frequencies.share(term)
        if not common and share * rows <= left and share * (total or rows) <= read:
            chosen.append((term,))
            left -= share * rows
            read -= share * (total or rows)
        else:
            common.append(term)
    gone_through, read = set[str](), float(_READ)
    for size in (2, 3):
        for together in combinations(common[:6], size):
            if any(set(each) <= set(together) for each in chosen):
                continue
            rarest = together[0]
            entries = 0 if rarest in gone_through else frequencies.share(rarest) * (total or rows)
            chance = math.prod(frequencies.share(term) for term in together)
            expected = min(chance * _COMPANY, frequencies.share(rarest)) * rows
            if expected <= left and (entries <= read or not chosen):
                chosen.append(together)
                left -= expected
                gone_through.add(rarest)
                read -= entries
    return chosen or [tuple(common[:4])]


def choosing(chosen: Sequence[tuple[str, ...]]) -> str:
    """The tsquery. What begins alike is said once: each entry of the index is held against all of
    it, and twenty times three words take twice as long."""
    parts = []
    for first, its in groupby(sorted(chosen), key=itemgetter(0)):
        rests = [each[1:] for each in its]
        alone = quoted(first)
        parts.append(f"{alone} & ({choosing(rests)})" if all(rests) else alone)
    return " | ".join(parts)


def find(
    cursor: CursorWrapper,
    terms: Sequence[str],
    frequencies: Frequencies,
    scope: Scope,
    *,
    rows: float,
    total: float,
    limit: int,
    any_one: bool = False,
) -> list[tuple[int, float]]:
    """Ids of chunks and their rank, best first. terms: as `telling` gives them.

    rows: chunks in the scope, about; total: in everyone's. any_one: each word chooses alone,
    however common: slower, and of very many chunks only some are ranked.

    `ts_rank` takes all words for equals, which is cheap, and right enough to choose twice as many
    as are wanted; these are ordered anew with rarer words counting more.
    """
    chosen: list[tuple[str, ...]]
    if any_one:
        terms = _rarest(terms, frequencies)
    if any_one or is_scanned(scope, rows):
        chosen = [(term,) for term in terms]
        matching = SCANNED_MATCH if is_scanned(scope, rows) else INDEXED_MATCH
    else:
        budget = BUDGET if scope.is_everyone else _OF_ONE
        chosen = narrowed(terms, frequencies, rows=rows, total=total, budget=budget)
        matching = INDEXED_MATCH
    weighed = " + ".join(["%s::float8 * ts_rank(words, %s::tsquery, 1)"] * len(terms))
    weights = [part for term in terms for part in (_weight(frequencies.share(term)), quoted(term))]
    condition, values = scope.chunks()
    cursor.execute(
        f"SELECT id, {weighed} AS rank FROM ("
        "   SELECT id, words FROM (SELECT c.id, c.words FROM memory_chunk c"
        f"    WHERE (c.words {matching} AND {condition} LIMIT {_MOST_ROWS}) AS chosen"
        "   ORDER BY ts_rank(words, %s::tsquery, 1) DESC, id LIMIT %s) AS likely"
        " ORDER BY rank DESC, id LIMIT %s",
        [*weights, choosing(chosen), *values, " | ".join(map(quoted, terms)), 2 * limit, limit],
    )
    return list(cursor.fetchall())


INDEXED_MATCH = "@@ %s::tsquery)"
SCANNED_MATCH = "@@ %s::tsquery) IS TRUE"
"""The same to PostgreSQL, but for the index, which it cannot use for this."""


def is_scanned(scope: Scope, rows: float) -> bool:
    return not scope.is_everyone and rows <= SCANNED


def _weight(share: float) -> float:
    return max(0.1, -math.log(max(share, 1e-5)))


def quoted(word: str) -> str:
    """A lexeme of a tsquery as it stands."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
