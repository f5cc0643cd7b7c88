"""Sources to PostgreSQL: a document in one transaction, and never an older one over a newer."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.db.backends.utils import CursorWrapper

from devora_admin.core import clock
from devora_admin.memory.chunking.piece import Piece
from devora_admin.memory.indexing.dropping import drop_chunks
from devora_admin.memory.indexing.reading import Moment
from devora_admin.memory.indexing.sources import Read
from devora_admin.memory.preferences import learning
from devora_admin.memory.preferences.decisions import about_items
from devora_admin.memory.store import fence, reach
from devora_admin.memory.words import identifiers, storable

Outcome = Literal["written", "same", "older", "removed", "fenced"]
_LONGEST_S = 180.0
"""Of a project of 20,000 pieces on a busy machine: cut off sooner, it would never be written."""
_MOST_NAMES = 200
_BETWEEN_NAMES = "\x1f"


@dataclass(frozen=True, slots=True)
class Written:
    outcome: Outcome
    chunks: int = 0
    """How many are new."""


@reach.tried_again
def write(moment: Moment, *, origin: str) -> Written:
    """Brings what is kept of a document to what it was at that moment. Raises MemoryUnavailable."""
    with reach.writing(within_s=_LONGEST_S) as cursor:
        # Whose it was before: what it said of them is to be forgotten with it.
        former = _owners(cursor, origin)
        if not moment.sources:
            _remove(cursor, moment.version, origin)
            _learn(cursor, former)
            return Written("removed")
        if not fence.may_write(cursor, moment.user_id):
            return Written("fenced")
        outcomes = [_write(cursor, moment.version, each, origin) for each in moment.sources]
        if former:
            _empty_others(cursor, moment, origin)
        if any(each.outcome == "written" for each in outcomes):
            _learn(cursor, former | {moment.user_id})
    chunks = sum(each.chunks for each in outcomes)
    told: tuple[Outcome, ...] = ("written", "same", "older")
    return Written(next(each for each in told if each in {one.outcome for one in outcomes}), chunks)


def _empty_others(cursor: CursorWrapper, moment: Moment, origin: str) -> None:
    """What the document was before under another id."""
    cursor.execute(
        "SELECT id FROM memory_source WHERE origin = %s AND NOT key = ANY(%s)",
        [origin, list({each.key for each in moment.sources})],
    )
    _empty(cursor, [row[0] for row in cursor.fetchall()], moment.version)


def _owners(cursor: CursorWrapper, origin: str) -> set[str]:
    cursor.execute(
        "SELECT DISTINCT user_id FROM memory_source WHERE origin = %s AND deleted_at IS NULL",
        [origin],
    )
    return {user_id for (user_id,) in cursor.fetchall()}


def _learn(cursor: CursorWrapper, user_ids: set[str]) -> None:
    """In one order everywhere, as each waits for the others."""
    for user_id in sorted(user_ids):
        learning.learn(cursor, user_id)


def relearn(user_id: str) -> None:
    """After staff decided about a preference, or time went by. Raises MemoryUnavailable."""
    with reach.writing() as cursor:
        if fence.may_write(cursor, user_id):
            learning.learn(cursor, user_id)


def undecided(user_id: str) -> list[str]:
    """Origins of what holds items otherwise than staff decided about them: it was read before, and
    stored after somebody looked where they are. Raises MemoryUnavailable."""
    decided = about_items(user_id)
    with reach.reading(within_s=30) as cursor:
        cursor.execute(
            """
            SELECT DISTINCT source.origin FROM memory_chunk AS chunk
            JOIN memory_source AS source ON source.id = chunk.source_id
            LEFT JOIN unnest(%s::bytea[], %s::text[]) AS said (sha256, standing)
                ON said.sha256 = chunk.sha256
            WHERE chunk.user_id = %s AND chunk.standing <> coalesce(said.standing, '')
            """,
            [list(decided), [each.standing for each in decided.values()], storable(user_id)],
        )
        return [row[0] for row in cursor.fetchall()]


def is_empty() -> bool:
    """Raises MemoryUnavailable."""
    with reach.reading(within_s=10) as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM memory_source)")
        return bool(cursor.fetchone()[0])


def faded(*, most: int) -> list[str]:
    """Customers whose scores are more than a day old, the oldest first."""
    with reach.reading(within_s=30) as cursor:
        cursor.execute(
            "SELECT user_id FROM memory_preference WHERE reckoned_at < %s"
            " GROUP BY user_id ORDER BY min(reckoned_at) LIMIT %s",
            [clock.now() - timedelta(days=1), most],
        )
        return [row[0] for row in cursor.fetchall()]


def _remove(cursor: CursorWrapper, version: int, origin: str) -> None:
    """The document is gone. Its rows stay without contents: what was read before comes later."""
    cursor.execute("SELECT id FROM memory_source WHERE origin = %s", [origin])
    _empty(cursor, [row[0] for row in cursor.fetchall()], version)


def _empty(cursor: CursorWrapper, source_ids: list[int], version: int) -> None:
    if not source_ids:
        return
    cursor.execute(
        "UPDATE memory_source SET deleted_at = %s, version = %s, digest = '', title = '',"
        " stack = '[]', facts = '{}' WHERE id = ANY(%s) AND version < %s RETURNING id",
        [clock.now(), version, source_ids, version],
    )
    emptied = [row[0] for row in cursor.fetchall()]
    cursor.execute("SELECT id FROM memory_chunk WHERE source_id = ANY(%s)", [emptied])
    drop_chunks(cursor, [row[0] for row in cursor.fetchall()])
    learning.drop_evidence(cursor, emptied)


def _write(cursor: CursorWrapper, version: int, source: Read, origin: str) -> Written:
    cursor.execute(
        "SELECT id, version, digest, deleted_at FROM memory_source"
        " WHERE kind = %s AND key = %s FOR UPDATE",
        [source.kind, source.key],
    )
    if known := cursor.fetchone():
        source_id, its_version, digest, deleted_at = known
        if its_version >= version:
            return Written("older")
        if bytes(digest) == source.digest and deleted_at is None:
            cursor.execute(
                "UPDATE memory_source SET version = %s, indexed_at = %s, changed_at = %s,"
                " facts = %s, origin = %s WHERE id = %s",
                [version, clock.now(), source.changed_at, json.dumps(dict(source.facts)), origin,
                 source_id],
            )  # fmt: skip
            return Written("same")
    cursor.execute(
        """
        INSERT INTO memory_source AS known (kind, key, origin, user_id, project_id, title, version,
            digest, stack, facts, changed_at, indexed_at, deleted_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, NULL)
        ON CONFLICT (kind, key) DO UPDATE SET
            origin = excluded.origin, user_id = excluded.user_id,
            project_id = excluded.project_id, title = excluded.title,
            version = excluded.version, digest = excluded.digest, stack = excluded.stack,
            facts = excluded.facts, changed_at = excluded.changed_at,
            indexed_at = excluded.indexed_at, deleted_at = NULL
        WHERE known.version < excluded.version
        RETURNING id, xmax = 0
        """,
        [source.kind, source.key, origin, source.user_id, source.project_id, source.title, version,
         source.digest, json.dumps(source.stack), json.dumps(dict(source.facts)),
         source.changed_at, clock.now()],
    )  # fmt: skip
    if not (row := cursor.fetchone()):
        return Written("older")
    source_id, is_new = row
    if not is_new:
        learning.drop_evidence(cursor, [source_id])
    learning.store_evidence(
        cursor, source_id, user_id=source.user_id, project_id=source.project_id,
        evidence=source.evidence,
    )  # fmt: skip
    known = {} if is_new else _known_chunks(cursor, source_id)
    return Written("written", _write_chunks(cursor, source_id, source, known))


def _known_chunks(cursor: CursorWrapper, source_id: int) -> dict[bytes, list[tuple[Any, ...]]]:
    """Rows by what they hold, the last first."""
    cursor.execute(
        "SELECT id, sha256, ordinal, line_from, line_to, turn, role, at, standing, user_id,"
        " project_id"
        " FROM memory_chunk WHERE source_id = %s ORDER BY ordinal DESC",
        [source_id],
    )
    known: dict[bytes, list[tuple[Any, ...]]] = defaultdict(list)
    for row in cursor.fetchall():
        known[bytes(row[1])].append(row)
    return known


def _write_chunks(
    cursor: CursorWrapper,
    source_id: int,
    source: Read,
    known: dict[bytes, list[tuple[Any, ...]]],
) -> int:
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
