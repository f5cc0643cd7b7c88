"""The identifier leg: chunks that have exactly the identifiers of the question."""

import math
from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.queries.by_words import INDEXED_MATCH, SCANNED_MATCH, is_scanned, quoted
from devora_admin.memory.queries.frequencies import Frequencies
from devora_admin.memory.queries.scope import Scope

_MOST_NAMES = 16
_MOST_ROWS = 8000
_READ, _MOST_OF_ONE = 20_000, 60_000
"""Entries of the index, about, which has everyone's: for several names, and for one alone. What
only a common name chose came last, and reading 130,000 for "ValueError" took most of a search."""


def find(
    cursor: CursorWrapper,
    names: Sequence[str],
    frequencies: Frequencies,
    scope: Scope,
    *,
    rows: float,
    total: float,
    limit: int,
    is_alone: bool = False,
) -> list[tuple[int, float]]:
    """Ids of chunks and how much they have of the question, rarer names counting more.

    rows: chunks in the scope, about; total: in everyone's. is_alone: there is no other leg.
    Where a name is defined comes before where it is used, and a short chunk before a long one.
    """
    asked = sorted(names, key=frequencies.share)[:_MOST_NAMES]
    counted = " + ".join(["(names @@ %s::tsquery)::int * %s::float8"] * len(asked))
    counts = [part for name in asked for part in (quoted(name), _weight(frequencies.share(name)))]
    condition, values = scope.chunks()
    scanned = is_scanned(scope, rows)
    matching = SCANNED_MATCH if scanned else INDEXED_MATCH
    choosing = asked if scanned else _rarest(asked, frequencies, total)
    if not choosing and not is_alone:
        return []
    cursor.execute(
        f"SELECT id, {counted} AS counted FROM ("
        "   SELECT c.id, c.names, c.symbol FROM memory_chunk c"
        f"  WHERE (c.names {matching} AND {condition} LIMIT {_MOST_ROWS}) AS chosen"
        " ORDER BY counted DESC, (symbol = ANY(%s)) DESC, length(names), id LIMIT %s",
        [*counts, " | ".join(map(quoted, choosing or asked[:1])), *values, asked, limit],
    )
    return list(cursor.fetchall())


def _rarest(names: Sequence[str], frequencies: Frequencies, total: float) -> list[str]:
    """Names that the index is asked for, of those in order; the others only count where one of
    these is. None where even the rarest is everywhere: other legs know better."""
    chosen: list[str] = []
    read = 0.0
    for name in names:
        read += frequencies.listed(name) * total
        if read > (_READ if chosen else _MOST_OF_ONE):
            break
        chosen.append(name)
    return chosen


def _weight(share: float) -> float:
    return math.log(1 + 1 / max(share, 1e-6))
