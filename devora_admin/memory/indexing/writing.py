"""Sources to PostgreSQL: a document in one transaction, and never an older one over a newer."""

import json
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
_LONGEST_S = 180.0
"""Of a project of 20,000 pieces on a busy machine: cut off sooner, it would never be written."""


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
    count = sum(each.chunks for each in outcomes)
    told: tuple[Outcome, ...] = ("written", "same", "older")
    return Written(next(each for each in told if each in {one.outcome for one in outcomes}), count)


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
    known = {} if is_new else chunks.known(cursor, source_id)
    return Written("written", chunks.write(cursor, source_id, source, known))
