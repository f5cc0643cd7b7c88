"""The words leg: chunks that have the question's rarer words, those with more of them first."""

import math
from collections.abc import Sequence
from itertools import combinations

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.queries.frequencies import Frequencies
from devora_admin.memory.queries.scope import Scope

COMMON = 0.3
"""Words in a larger share of chunks tell nothing apart."""
BUDGET = 3000
"""Chunks to rank, about."""
_MOST_TERMS = 32
_COMPANY = 3.0
"""How much more often words are found together than chance would have it."""


def telling(terms: Sequence[str], frequencies: Frequencies) -> list[str]:
    """The rarer ones, rarest first; where all are common, the rarest few of them."""
    rarest = sorted(terms, key=lambda term: (frequencies.share(term), term))[:_MOST_TERMS]
    return [term for term in rarest if frequencies.share(term) <= COMMON] or rarest[:3]


def narrowed(
    terms: Sequence[str], frequencies: Frequencies, *, rows: float, budget: float = BUDGET
) -> list[tuple[str, ...]]:
    """Which words, or words together, choose the chunks to rank, so that they stay few.

    A chunk with two of the commoner words outranks one with either.
    """
    chosen: list[tuple[str, ...]] = []
    left = budget
    common: list[str] = []
    for term in sorted(terms, key=frequencies.share):
        expected = frequencies.share(term) * rows
        if expected <= left and not common:
            chosen.append((term,))
            left -= expected
        else:
            common.append(term)
    for size in (2, 3):
        for together in combinations(common[:6], size):
            if any(set(each) <= set(together) for each in chosen):
                continue
            chance = math.prod(frequencies.share(term) for term in together)
            expected = min(chance * _COMPANY, frequencies.share(together[0])) * rows
            if expected <= left:
                chosen.append(together)
                left -= expected
    return chosen or [tuple(common[:4])]


def find(
    cursor: CursorWrapper,
    terms: Sequence[str],
    frequencies: Frequencies,
    scope: Scope,
    *,
    rows: float,
    limit: int,
) -> list[tuple[int, float]]:
    """Ids of chunks and their rank, best first. terms: as `telling` gives them.

    `ts_rank` takes all words for equals, which is cheap, and right enough to choose twice as many
    as are wanted; these are ordered anew with rarer words counting more.
    """
    choosing = " | ".join(
        " & ".join(quoted(term) for term in together)
        for together in narrowed(terms, frequencies, rows=rows)
    )
    weighed = " + ".join(["%s::float8 * ts_rank(words, %s::tsquery, 1)"] * len(terms))
    weights = [part for term in terms for part in (_weight(frequencies.share(term)), quoted(term))]
    condition, values = scope.chunks()
    cursor.execute(
        f"SELECT id, {weighed} AS rank FROM ("
        "   SELECT id, words FROM (SELECT c.id, c.words FROM memory_chunk c"
        f"    WHERE c.words @@ %s::tsquery AND {condition} LIMIT {2 * BUDGET}) AS chosen"
        "   ORDER BY ts_rank(words, %s::tsquery, 1) DESC, id LIMIT %s) AS likely"
        " ORDER BY rank DESC, id LIMIT %s",
        [*weights, choosing, *values, " | ".join(map(quoted, terms)), 2 * limit, limit],
    )
    return list(cursor.fetchall())


def _weight(share: float) -> float:
    return max(0.1, -math.log(max(share, 1e-5)))


def quoted(word: str) -> str:
    """A lexeme of a tsquery as it stands."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
