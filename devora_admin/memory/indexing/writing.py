"""Sources to PostgreSQL: a document in one transaction, and never an older one over a newer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.db.backends.utils import CursorWrapper

from devora_admin.core import clock
from devora_admin.memory.indexing import chunks
from devora_admin.memory.indexing.dropping import drop_chunks
from devora_admin.memory.indexing.reading import Moment
from devora_admin.memory.indexing.sources import Read
from devora_admin.memory.preferences import learning
from devora_admin.memory.preferences.decisions import about_items
from devora_admin.memory.store import fence, reach
from devora_admin.memory.words import storable

Outcome = Literal["written", "same", "older", "removed", "fenced"]
Name = tuple[str, str]
"""Kind and key of a source."""
_LONGEST_S = 180.0
"""Of a project of 20,000 pieces on a busy machine: cut off sooner, it would never be written."""


@dataclass(frozen=True, slots=True)
class Written:
    outcome: Outcome
    chunks: int = 0
    """How many are new."""


@dataclass(frozen=True, slots=True)
class _Stored:
    name: Name
    id: int
    origin: str
    user_id: str
    version: int
    digest: bytes
    is_live: bool


@reach.tried_again
def write(moment: Moment, *, origin: str) -> Written:
    """Brings what is kept of a document to what it was at that moment. Raises MemoryUnavailable."""
    with reach.writing(within_s=_LONGEST_S) as cursor:
        # Before any row: whoever erases a customer holds the fence and waits for rows.
        if moment.sources and not fence.may_write(cursor, moment.user_id):
            return Written("fenced")
        stored = _stored(cursor, moment, origin)
        # Whose it was before: what it said of them is to be forgotten with it.
        former = {each.user_id for each in stored if each.origin == origin and each.is_live}
        if not moment.sources:
            _empty(cursor, [each.id for each in stored], moment.version)
            _learn(cursor, former)
            return Written("removed")
        by_name = {each.name: each for each in stored}
        written = _write(cursor, moment, by_name, origin)
        # What the document was before under another id.
        names = {(each.kind, each.key) for each in moment.sources}
        _empty(cursor, [each.id for each in stored if each.name not in names], moment.version)
        if written.outcome == "written":
            _learn(cursor, former | {moment.user_id})
    return written


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


def _stored(cursor: CursorWrapper, moment: Moment, origin: str) -> list[_Stored]:
    """What is kept of the document, and under the names it has now; locked, in one order."""
    keys = list({each.key for each in moment.sources})
    kinds = [each.kind for each in moment.sources]
    cursor.execute(
        "SELECT kind, key, id, origin, user_id, version, digest, deleted_at IS NULL"
        " FROM memory_source WHERE origin = %s OR (kind = ANY(%s) AND key = ANY(%s))"
        " ORDER BY kind, key FOR UPDATE",
        [origin, kinds, keys],
    )
    return [
        _Stored((kind, key), source_id, by, user_id, version, bytes(digest), is_live)
        for kind, key, source_id, by, user_id, version, digest, is_live in cursor.fetchall()
    ]


def _write(
    cursor: CursorWrapper, moment: Moment, stored: Mapping[Name, _Stored], origin: str
) -> Written:
    """All sources at once; what is older than what is stored, or the same, changes nothing."""
    changed: list[Read] = []
    is_same = False
    for source in moment.sources:
        known = stored.get((source.kind, source.key))
        if known and known.version >= moment.version:
            continue
        if known and known.is_live and known.digest == source.digest:
            _see_again(cursor, known.id, moment.version, source, origin)
            is_same = True
        else:
            changed.append(source)
    put, earlier = _put(cursor, changed, moment.version, origin)
    if not put:
        return Written("same" if is_same else "older")
    learning.drop_evidence(cursor, earlier)
    for source_id, source in put.items():
        learning.store_evidence(
            cursor, source_id, user_id=source.user_id, project_id=source.project_id,
            evidence=source.evidence,
        )  # fmt: skip
    return Written("written", chunks.write(cursor, put, chunks.known(cursor, earlier)))


def _see_again(
    cursor: CursorWrapper, source_id: int, version: int, source: Read, origin: str
) -> None:
    cursor.execute(
        "UPDATE memory_source SET version = %s, indexed_at = %s, changed_at = %s,"
        " facts = %s, origin = %s WHERE id = %s",
        [version, clock.now(), source.changed_at, json.dumps(dict(source.facts)), origin,
         source_id],
    )  # fmt: skip


def _put(
    cursor: CursorWrapper, sources: Sequence[Read], version: int, origin: str
) -> tuple[dict[int, Read], list[int]]:
    """By id, without those of which something newer came in the same moment; and the ids of those
    that were there before."""
    if not sources:
        return {}, []
    now = clock.now()
    values = [
        value
        for each in sorted(sources, key=lambda each: (each.kind, each.key))
        for value in (
            each.kind, each.key, origin, each.user_id, each.project_id, each.title, version,
            each.digest, json.dumps(each.stack), json.dumps(dict(each.facts)), each.changed_at, now,
        )
    ]  # fmt: skip
    row = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, NULL)"
    cursor.execute(
        f"""
        INSERT INTO memory_source AS known (kind, key, origin, user_id, project_id, title, version,
            digest, stack, facts, changed_at, indexed_at, deleted_at)
        VALUES {", ".join([row] * len(sources))}
        ON CONFLICT (kind, key) DO UPDATE SET
            origin = excluded.origin, user_id = excluded.user_id,
            project_id = excluded.project_id, title = excluded.title,
            version = excluded.version, digest = excluded.digest, stack = excluded.stack,
            facts = excluded.facts, changed_at = excluded.changed_at,
            indexed_at = excluded.indexed_at, deleted_at = NULL
        WHERE known.version < excluded.version
        RETURNING kind, key, id, xmax <> 0
        """,
        values,
    )
    rows, by_name = cursor.fetchall(), {(each.kind, each.key): each for each in sources}
    put = {source_id: by_name[kind, key] for kind, key, source_id, _ in rows}
    return put, [source_id for _, _, source_id, was_there in rows if was_there]
