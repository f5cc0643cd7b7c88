"""The chunks of a source: those that are there stay, new ones get their vector or ask for it."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.chunking.piece import Piece
from devora_admin.memory.indexing.dropping import drop_chunks
from devora_admin.memory.indexing.sources import Read
from devora_admin.memory.words import identifiers

Known = dict[bytes, list[tuple[Any, ...]]]
_MOST_NAMES = 200
_BETWEEN_NAMES = "\x1f"


def known(cursor: CursorWrapper, source_id: int) -> Known:
    """Rows by what they hold, the last first."""
    cursor.execute(
        "SELECT id, sha256, ordinal, line_from, line_to, turn, role, at, standing, user_id,"
        " project_id"
        " FROM memory_chunk WHERE source_id = %s ORDER BY ordinal DESC",
        [source_id],
    )
    found: Known = defaultdict(list)
    for row in cursor.fetchall():
        found[bytes(row[1])].append(row)
    return found


def write(cursor: CursorWrapper, source_id: int, source: Read, known: Known) -> int:
    """Keeps the rows of pieces that are still there, also where they moved; returns new ones."""
    moved: list[tuple[Any, ...]] = []
    fresh: list[tuple[int, Piece]] = []
    for ordinal, piece in enumerate(source.pieces):
        if not (rows := known.get(piece.sha256)):
            fresh.append((ordinal, piece))
            continue
        row = rows.pop()
        place = (
            ordinal, piece.line_from, piece.line_to, piece.turn, piece.role, piece.at,
            source.standings.get(piece.sha256, ""),
        )  # fmt: skip
        if row[2:] != (*place, source.user_id, source.project_id):
            moved.append((row[0], *place))
    drop_chunks(cursor, [row[0] for rows in known.values() for row in rows])
    _move(cursor, moved, source)
    ids = _insert(cursor, source_id, fresh, source)
    _ask_for_vectors(cursor, ids)
    return len(ids)


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


def _insert(
    cursor: CursorWrapper, source_id: int, fresh: Sequence[tuple[int, Piece]], source: Read
) -> list[int]:
    if not fresh:
        return []
    rows = [
        {
            "ordinal": ordinal, "path": piece.path, "symbol": piece.symbol,
            "language": piece.language, "line_from": piece.line_from, "line_to": piece.line_to,
            "turn": piece.turn, "role": piece.role, "at": piece.at and piece.at.isoformat(),
            "text": piece.text, "sha256": piece.sha256.hex(),
            "names": _BETWEEN_NAMES.join(identifiers(piece.embedded_text)[:_MOST_NAMES]),
            "standing": source.standings.get(piece.sha256, ""),
        }
        for ordinal, piece in fresh
    ]  # fmt: skip
    # As one JSON text: arrays are quoted value by value in Python, which takes twice as long.
    cursor.execute(
        """
        INSERT INTO memory_chunk (source_id, user_id, project_id, kind, standing, ordinal, path,
            symbol, language, line_from, line_to, turn, role, at, text, sha256, names)
        SELECT %s, %s, %s, %s, standing, ordinal, path, symbol, language, line_from, line_to, turn,
            role, at, text, decode(sha256, 'hex'), array_to_tsvector(string_to_array(names, %s))
        FROM json_to_recordset(%s::json) AS new (ordinal int, path text, symbol text, language text,
            line_from int, line_to int, turn int, role text, at timestamptz, text text, sha256 text,
            names text, standing text)
        RETURNING id
        """,
        [source_id, source.user_id, source.project_id, source.kind, _BETWEEN_NAMES,
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
