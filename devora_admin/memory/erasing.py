"""Erasing a customer from PostgreSQL: fenced first, emptied in pieces, then every table is looked
through, and the receipt says so."""

import contextlib
from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from devora_admin.core import clock, mongo
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.indexing import vectors
from devora_admin.memory.indexing.dropping import drop_chunks
from devora_admin.memory.store import fence, reach
from devora_admin.users.erasing.documents import ERASURES

AT_ONCE = 2000
_THEIRS = "(user_id = ANY(%s) OR project_id = ANY(%s))"


def fence_off(user_ids: Collection[str]) -> None:
    """Nothing is written about them from here on. Raises MemoryUnavailable."""
    with reach.writing() as cursor:
        fence.put_up(cursor, user_ids)


@reach.tried_again
def erase_some(user_ids: Collection[str], project_ids: Collection[str]) -> int:
    """Erases up to `AT_ONCE` rows of a table and what hangs on them; 0 when nothing is left.

    Raises MemoryUnavailable.
    """
    whose = [list(user_ids), list(project_ids)]
    with reach.writing() as cursor:
        if erased := _erase_chunks(cursor, whose):
            return erased
        for table in _tables():
            if table != "memory_chunk" and (erased := _erase_rows(cursor, table, whose)):
                return erased
    return 0


def left(user_ids: Collection[str], project_ids: Collection[str], *, within_s: float = 30.0) -> int:
    """Rows about them in any table. Raises MemoryUnavailable."""
    whose = [list(user_ids), list(project_ids)]
    counts = " UNION ALL ".join(
        f"SELECT count(*) AS n FROM {table} WHERE {_THEIRS}" for table in _tables()
    )
    with reach.reading(within_s=within_s) as cursor:
        cursor.execute(f"SELECT sum(n) FROM ({counts}) AS each", whose * len(_tables()))
        return int(cursor.fetchone()[0])


def close(user_ids: Collection[str], project_ids: Collection[str]) -> bool:
    """Notes on the receipts that nothing is left; False when something is.

    Vectors in the cache that no text has any more go too: they may have been of theirs.
    """
    if left(user_ids, project_ids):
        return False
    now = clock.now()
    with reach.writing(within_s=300) as cursor:
        vectors.forget_unused(cursor)
        cursor.execute(
            "UPDATE memory_erasurereceipt SET erased_at = coalesce(erased_at, %s),"
            " verified_at = %s WHERE user_id = ANY(%s)",
            [now, now, list(user_ids)],
        )
    return True


def catch_up() -> int:
    """Erases those whose erasure ended while memory was off or away; how many they were."""
    with reach.reading(within_s=30) as cursor:
        cursor.execute("SELECT user_id FROM memory_erasurereceipt WHERE verified_at IS NOT NULL")
        known = {user_id for (user_id,) in cursor.fetchall()}
    late = 0
    for row in mongo.database()[ERASURES].find({}, {"customer_ids": 1}):
        ids = [each for each in row["customer_ids"] if isinstance(each, str)]
        if set(ids) <= known:
            continue
        fence_off(ids)
        while erase_some(ids, []):
            pass
        late += close(ids, [])
    return late


def catch_up_if_there() -> None:
    """A chore of the worker. What is away now is looked at the next time."""
    with contextlib.suppress(MemoryUnavailable, MemoryTooSlow):
        catch_up()


def _erase_chunks(cursor: CursorWrapper, whose: list[Any]) -> int:
    cursor.execute(f"SELECT id FROM memory_chunk WHERE {_THEIRS} LIMIT {AT_ONCE}", whose)
    ids = [chunk_id for (chunk_id,) in cursor.fetchall()]
    if not ids:
        return 0
    drop_chunks(cursor, ids)
    cursor.execute(
        """
        UPDATE memory_erasurereceipt SET counts = counts || jsonb_build_object('chunks',
            coalesce((counts->>'chunks')::bigint, 0) + %s)
        WHERE user_id = (%s::text[])[1]
        """,
        [len(ids), whose[0]],
    )
    return len(ids)


def _erase_rows(cursor: CursorWrapper, table: str, whose: list[Any]) -> int:
    cursor.execute(
        f"""
        WITH gone AS (
            DELETE FROM {table} WHERE id IN (
                SELECT id FROM {table} WHERE {_THEIRS} LIMIT {AT_ONCE}
            ) RETURNING id
        ), noted AS (
            UPDATE memory_erasurereceipt SET counts = counts || jsonb_build_object(%s::text,
                coalesce((counts->>%s)::bigint, 0) + (SELECT count(*) FROM gone))
            WHERE user_id = (%s::text[])[1]
        )
        SELECT count(*) FROM gone
        """,
        [*whose, table, table, whose[0]],
    )
    return int(cursor.fetchone()[0])


def _tables() -> list[str]:
    """Those whose rows name a customer and a project, what others hang on last."""
    owned = [model for model in apps.get_app_config("memory").get_models() if _names_both(model)]
    owned.sort(key=lambda model: model._meta.db_table == "memory_source")
    return [model._meta.db_table for model in owned]


def _names_both(model: type[Model]) -> bool:
    return {"user_id", "project_id"} <= {field.attname for field in model._meta.get_fields()
                                         if hasattr(field, "attname")}  # fmt: skip
