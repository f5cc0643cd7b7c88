"""The index by which vectors of one model are found by closeness: one for each model."""

from django.db import connections
from django.db.backends.utils import CursorWrapper

from devora_admin.memory.store import reach
from devora_admin.memory.store.router import ALIAS

_BUILD_S = 4 * 3600.0
_KB_PER_VECTOR = 2.2
"""Of 384 numbers in half precision, with their neighbours. What does not fit in memory while the
index is built makes that ten times slower."""
_LEAST_KB, _MOST_KB = 64 * 1024, 4 * 1024 * 1024


def index_of(model_id: int) -> str:
    return f"memory_embedding_near_{int(model_id)}"


def has_index(cursor: CursorWrapper, model_id: int) -> bool:
    """Whether it is whole: one whose building was broken off serves nobody."""
    cursor.execute(
        "SELECT i.indisvalid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
        " WHERE c.oid = to_regclass(%s)",
        [index_of(model_id)],
    )
    return bool(cursor.fetchall() == [(True,)])


def make_index(model_id: int, dims: int) -> None:
    """While others read and write. Made already, it stays. Raises MemoryUnavailable.

    Not within a transaction.
    """
    name, dims = index_of(model_id), int(dims)
    with reach.patient(within_s=_BUILD_S), connections[ALIAS].cursor() as cursor:
        if has_index(cursor, model_id):
            return
        cursor.execute(f"DROP INDEX IF EXISTS {name}")
        cursor.execute("SELECT count(*) FROM memory_embedding WHERE model_id = %s", [model_id])
        [(rows,)] = cursor.fetchall()
        room_kb = int(min(_MOST_KB, max(_LEAST_KB, rows * _KB_PER_VECTOR * dims / 384)))
        cursor.execute(f"SET maintenance_work_mem = {room_kb}")
        try:
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY {name} ON memory_embedding USING hnsw"
                f" ((vector::halfvec({dims})) halfvec_cosine_ops)"
                f" WITH (m = 16, ef_construction = 64) WHERE model_id = {int(model_id)}"
            )
        finally:
            cursor.execute("RESET maintenance_work_mem")


def drop_index(model_id: int) -> None:
    with reach.patient(), connections[ALIAS].cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {index_of(model_id)}")
