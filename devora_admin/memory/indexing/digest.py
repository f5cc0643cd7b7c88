"""What memory holds as one number, to compare a store built anew with one that grew."""

import hashlib
from collections.abc import Iterator

from devora_admin.memory.store import reach

_AT_ONCE = 2000


def digest(*, within_s: float = 600) -> str:
    """SHA-256 over all that is remembered, whatever its rows' ids and times of indexing.

    Raises MemoryUnavailable.
    """
    found = hashlib.sha256()
    for line in _lines(within_s):
        found.update(line.encode("utf-8", "replace") + b"\n")
    return found.hexdigest()


def _lines(within_s: float) -> Iterator[str]:
    """A line per source in one order, its chunks and evidence hashed by PostgreSQL."""
    after = ("", "")
    while True:
        with reach.reading(within_s=within_s) as cursor:
            cursor.execute(
                """
                SELECT kind, key, concat_ws('|', user_id, project_id, title, encode(digest, 'hex'),
                    stack::text,
                    (SELECT encode(sha256(string_agg(concat_ws('|', encode(chunk.sha256, 'hex'),
                        ordinal, path, symbol, language, line_from, line_to, turn, role,
                        extract(epoch FROM at), standing, chunk.user_id, chunk.project_id,
                        encode(sha256(convert_to(text, 'UTF8')), 'hex')), E'\n'
                        ORDER BY ordinal, chunk.sha256)::bytea), 'hex')
                     FROM memory_chunk AS chunk WHERE chunk.source_id = source.id),
                    (SELECT string_agg(concat_ws('|', topic, value, weight, kind, path, turn,
                        span_from, span_to), ',' ORDER BY topic, value, path, turn, span_from)
                     FROM memory_preferenceevidence AS why WHERE why.source_id = source.id))
                FROM memory_source AS source
                WHERE deleted_at IS NULL AND (kind, key) > (%s, %s)
                ORDER BY kind, key LIMIT %s
                """,
                [*after, _AT_ONCE],
            )
            rows = cursor.fetchall()
        for kind, key, line in rows:
            yield f"{kind}|{key}|{line}"
        if len(rows) < _AT_ONCE:
            return
        after = (rows[-1][0], rows[-1][1])
