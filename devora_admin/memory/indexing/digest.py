"""What memory holds as one number, to compare a store built anew with one that grew."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from devora_admin.memory.store import reach

_AT_ONCE = 2000
_SOURCES = """
    SELECT kind, key, json_build_array(user_id, project_id, title, encode(digest, 'hex'), stack,
        facts, extract(epoch FROM changed_at),
        (SELECT encode(sha256(convert_to(string_agg(json_build_array(encode(chunk.sha256, 'hex'),
            ordinal, path, symbol, language, line_from, line_to, turn, role,
            extract(epoch FROM at), standing, chunk.user_id, chunk.project_id,
            encode(sha256(convert_to(text, 'UTF8')), 'hex'))::text, E'\\n'
            ORDER BY ordinal), 'UTF8')), 'hex')
         FROM memory_chunk AS chunk WHERE chunk.source_id = source.id),
        (SELECT string_agg(said, E'\\n' ORDER BY said COLLATE "C") FROM (
            SELECT json_build_array(topic, value, weight, kind, quote, path, turn, span_from,
                span_to, extract(epoch FROM at), why.user_id, why.project_id)::text AS said
            FROM memory_preferenceevidence AS why
            WHERE why.source_id = source.id) AS evidence))::text
    FROM memory_source AS source
    WHERE deleted_at IS NULL AND (kind, key) > (%s, %s)
    ORDER BY kind, key LIMIT %s
"""
_PREFERENCES = """
    SELECT user_id, project_id, topic, value, evidence_count, standing
    FROM memory_preference WHERE (user_id, project_id, topic, value) > (%s, %s, %s, %s)
    ORDER BY user_id, project_id, topic, value LIMIT %s
"""


def digest(*, within_s: float = 600) -> str:
    """SHA-256 over all that is remembered, whatever its rows' ids and times of indexing.

    Without vectors, which are of the texts alone, and without scores, which fade from one reckoning
    to the next: the evidence they are made of is in it, with its weight and date.
    Raises MemoryUnavailable.
    """
    found = hashlib.sha256()
    for query, key_columns in ((_SOURCES, 2), (_PREFERENCES, 4)):
        for row in _rows(query, key_columns, within_s):
            found.update(repr(row).encode("utf-8", "replace") + b"\n")
    return found.hexdigest()


def _rows(query: str, key_columns: int, within_s: float) -> Iterator[tuple[Any, ...]]:
    """In the order of their first columns, whose values are never empty all of them."""
    after: Sequence[Any] = [""] * key_columns
    while True:
        with reach.reading(within_s=within_s) as cursor:
            cursor.execute(query, [*after, _AT_ONCE])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][:key_columns]
