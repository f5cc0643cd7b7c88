"""The chunks of a document: those that are there stay, new ones get their vector or ask for it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.chunking.piece import Piece
from devora_admin.memory.indexing.dropping import drop_chunks
from devora_admin.memory.indexing.sources import Read
from devora_admin.memory.words import identifiers

Known = dict[bytes, list[tuple[Any, ...]]]
_New = tuple[int, Read, int, Piece]
"""The source's id, the source, and the place of a piece in it."""
_MOST_NAMES = 200
_BETWEEN_NAMES = "\x1f"


def known(cursor: CursorWrapper, source_ids: Sequence[int]) -> dict[int, Known]:
    """Rows by their source and what they hold, the last first."""
    found: dict[int, Known] = defaultdict(lambda: defaultdict(list))
    if not source_ids:
        return found
    cursor.execute(
        "SELECT source_id, id, sha256, ordinal, line_from, line_to, turn, role, at, standing,"
        " user_id, project_id"
        " FROM memory_chunk WHERE source_id = ANY(%s) ORDER BY ordinal DESC",
        [list(source_ids)],
    )
    for source_id, *row in cursor.fetchall():
        found[source_id][bytes(row[1])].append(tuple(row))
    return found


def write(cursor: CursorWrapper, sources: Mapping[int, Read], known: Mapping[int, Known]) -> int:
    """Keeps the rows of pieces that are still there, also where they moved; returns new ones.

    sources: by id, all of one document.
    """
    fresh: list[_New] = []
    for source_id, source in sources.items():
        rows = known.get(source_id, {})
        fresh += _keep(cursor, source_id, source, rows)
        drop_chunks(cursor, [row[0] for left in rows.values() for row in left])
    ids = _insert(cursor, fresh)
    _ask_for_vectors(cursor, ids)
    return len(ids)


def _keep(cursor: CursorWrapper, source_id: int, source: Read, rows: Known) -> list[_New]:
    """Takes what is still there out of `rows`; returns what is not."""
    moved: list[tuple[Any, ...]] = []
    fresh: list[_New] = []
    for ordinal, piece in enumerate(source.pieces):
        if not (same := rows.get(piece.sha256)):
            fresh.append((source_id, source, ordinal, piece))
            continue
        row = same.pop()
        place = (
            ordinal, piece.line_from, piece.line_to, piece.turn, piece.role, piece.at,
            source.standings.get(piece.sha256, ""),
        )  # fmt: skip
        if row[2:] != (*place, source.user_id, source.project_id):
            moved.append((row[0], *place))
    _move(cursor, moved, source)
    return fresh


def _move(cursor: CursorWrapper, moved: Sequence[tuple[Any, ...]], source: Read) -> None:
    if not moved:
        return
    columns = [list(column) for column in zip(*moved, strict=True)]
    cursor.execute(
        """
        UPDATE memory_chunk AS chunk SET ordinal = new.ordinal, line_from = new.line_from,
            line_to = new.line_to, turn = new.turn, role = new.role, at = new.at,
            standing = new.standing, user_id = %s, project_id = %s
        FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::text[],
            %s::timestamptz[], %s::text[])
            AS new (id, ordinal, line_from, line_to, turn, role, at, standing)
        WHERE chunk.id = new.id
        """,
        [source.user_id, source.project_id, *columns],
    )
    cursor.execute(
        "UPDATE memory_embedding SET user_id = %s, project_id = %s"
        " WHERE chunk_id = ANY(%s) AND (user_id, project_id) <> (%s, %s)",
        [source.user_id, source.project_id, columns[0], source.user_id, source.project_id],
    )


def _insert(cursor: CursorWrapper, fresh: Sequence[_New]) -> list[int]:
    if not fresh:
        return []
    rows = [
        {
            "source_id": source_id, "kind": source.kind, "ordinal": ordinal, "path": piece.path,
            "symbol": piece.symbol, "language": piece.language, "line_from": piece.line_from,
            "line_to": piece.line_to, "turn": piece.turn, "role": piece.role,
            "at": piece.at and piece.at.isoformat(), "text": piece.text,
            "sha256": piece.sha256.hex(),
            "names": _BETWEEN_NAMES.join(identifiers(piece.embedded_text)[:_MOST_NAMES]),
            "standing": source.standings.get(piece.sha256, ""),
        }
        for source_id, source, ordinal, piece in fresh
    ]  # fmt: skip
    document = fresh[0][1]
    # As one JSON text: arrays are quoted value by value in Python, which takes twice as long.
    cursor.execute(
        """
        INSERT INTO memory_chunk (source_id, user_id, project_id, kind, standing, ordinal, path,
            symbol, language, line_from, line_to, turn, role, at, text, sha256, names)
        SELECT source_id, %s, %s, kind, standing, ordinal, path, symbol, language, line_from,
            line_to, turn, role, at, text, decode(sha256, 'hex'),
            array_to_tsvector(string_to_array(names, %s))
        FROM json_to_recordset(%s::json) AS new (source_id bigint, kind text, ordinal int,
            path text, symbol text, language text, line_from int, line_to int, turn int, role text,
            at timestamptz, text text, sha256 text, names text, standing text)
        RETURNING id
        """,
        [document.user_id, document.project_id, _BETWEEN_NAMES,
         json.dumps(rows, ensure_ascii=False)],
    )  # fmt: skip
    return [row[0] for row in cursor.fetchall()]


def _ask_for_vectors(cursor: CursorWrapper, ids: list[int]) -> None:
    """From the cache where the same text was embedded before, else as tasks. ids: of new chunks."""
    if not ids:
        return
    cursor.execute(
        """
        WITH made AS (
            INSERT INTO memory_embedding (chunk_id, model_id, dims, user_id, project_id, vector)
            SELECT chunk.id, cached.model_id, cached.dims, chunk.user_id, chunk.project_id,
                cached.vector
            FROM memory_chunk AS chunk
            JOIN memory_embeddingcache AS cached USING (sha256)
            JOIN memory_embeddingmodel AS model ON model.id = cached.model_id
            WHERE chunk.id = ANY(%s) AND model.state <> 'retired'
            RETURNING chunk_id, model_id
        )
        INSERT INTO memory_embeddingtask (chunk_id, model_id, tries, next_try_at, error)
        SELECT chunk.id, model.id, 0, now(), ''
        FROM unnest(%s::bigint[]) AS chunk (id) CROSS JOIN memory_embeddingmodel AS model
        WHERE model.state <> 'retired' AND NOT EXISTS (
            SELECT 1 FROM made WHERE made.chunk_id = chunk.id AND made.model_id = model.id
        )
        """,
        [ids, ids],
    )
