"""The identifier leg: chunks that have exactly the identifiers of the question."""

import math
from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.queries.by_words import INDEXED_MATCH, SCANNED_MATCH, is_scanned, quoted
from devora_admin.memory.queries.frequencies import Frequencies
from devora_admin.memory.queries.scope import Scope

_MOST_NAMES = 16
_MOST_ROWS = 8000


def find(
    cursor: CursorWrapper,
    names: Sequence[str],
    frequencies: Frequencies,
    scope: Scope,
    *,
    rows: float,
    limit: int,
) -> list[tuple[int, float]]:
    """Ids of chunks and how much they have of the question, rarer names counting more.

    Where one is defined comes before where it is used, and a short chunk before a long one.
    """
    asked = sorted(names, key=frequencies.share)[:_MOST_NAMES]
    counted = " + ".join(["(names @@ %s::tsquery)::int * %s::float8"] * len(asked))
    counts = [part for name in asked for part in (quoted(name), _weight(frequencies.share(name)))]
    condition, values = scope.chunks()
    matching = SCANNED_MATCH if is_scanned(scope, rows) else INDEXED_MATCH
    cursor.execute(
        f"SELECT id, {counted} AS counted FROM ("
        "   SELECT c.id, c.names, c.symbol FROM memory_chunk c"
        f"  WHERE (c.names {matching} AND {condition} LIMIT {_MOST_ROWS}) AS chosen"
        " ORDER BY counted DESC, (symbol = ANY(%s)) DESC, length(names), id LIMIT %s",
        [*counts, " | ".join(map(quoted, asked)), *values, asked, limit],
    )
    return list(cursor.fetchall())


def _weight(share: float) -> float:
    return math.log(1 + 1 / max(share, 1e-6))
