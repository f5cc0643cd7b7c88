"""The meaning leg: chunks whose vector is closest to the question's."""

from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.memory.embedding import BadVector, Vector
from devora_admin.memory.queries.scope import Scope

EXACT_UP_TO = 20_000
"""Chunks of a scope. Within so few an index loses most of what it should find, and comparing all
of them is as fast."""
BITS_FROM, _BITS_UP_TO = 10_000, 60_000
"""Chunks of a customer: in between, the bits of all vectors choose which of them are compared."""
_OF_BITS = 60
_LEAST_CHOSEN = 400
"""One vector is compared for so many; of 50,000 these hold .996 of the ten closest to questions,
half as many .985."""
_EXACT_OF_MANY = 60_000
_SMALL_SHARE = 0.1
"""Of a scope so small beside all, the index passes over nine chunks for each it may give: comparing
all of 50,000 among 1,000,000 takes as long (37 ms to 31) and finds all (of .95)."""
_SEARCHED = 200
_OF_CHUNKS = 1000
"""One more is searched for so many: among 1,000,000, 1,000 find .956 of the ten closest to
questions, 800 .937 and 200 .90."""
_MOST_SEARCHED = 1000
_SCANNED = 40_000
CLOSE_FROM: dict[str, float] = {"all-minilm-l6-v2": 0.3}
"""By the name of the model, the cosine below which a chunk is close by chance as well. Of 400
docstrings among 1,200 functions 11 % lay below it from their own function, 4 % of those that were
found among the first ten; what is closest to letters typed at random lies at .17 to .31."""


@dataclass(frozen=True, slots=True)
class ActiveModel:
    id: int
    name: str
    revision: str
    dims: int

    def is_close(self, cosine: float) -> bool:
        """True for a model of which nobody has measured what is close."""
        return cosine >= CLOSE_FROM.get(self.name, -1.0)


def active_model(cursor: CursorWrapper) -> ActiveModel | None:
    """None while the first vectors are being made."""
    cursor.execute(
        "SELECT id, name, revision, dims FROM memory_embeddingmodel WHERE state = 'active'"
    )
    rows = cursor.fetchall()
    return ActiveModel(*rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class Near:
    found: list[tuple[int, float]]
    """Ids of chunks and their cosine with the question, closest first."""
    how: str


def find(
    cursor: CursorWrapper,
    vector: Vector,
    model: ActiveModel,
    scope: Scope,
    *,
    rows: float,
    total: float,
    limit: int,
) -> Near:
    """rows: how many chunks the scope has, about; total: everyone.

    Raises BadVector for another model's vector.
    """
    if (vector.name, vector.revision, vector.dims) != (model.name, model.revision, model.dims):
        raise BadVector(f"a vector of {vector.name} cannot be compared with those of {model.name}")
    if scope.is_one_customers and BITS_FROM < rows <= _BITS_UP_TO:
        chosen = max(_LEAST_CHOSEN, 4 * limit, int(rows / _OF_BITS))
        found = _by_bits(cursor, vector, model, scope, limit, chosen=chosen)
        if len(found) >= limit:
            return Near(found, "bits")
    is_small = rows <= _EXACT_OF_MANY and rows < total * _SMALL_SHARE
    if rows > EXACT_UP_TO and not is_small:
        searched = max(_SEARCHED, 2 * limit, int(rows / _OF_CHUNKS))
        found = _by_index(cursor, vector, model, scope, limit, searched=searched)
        if len(found) >= limit:
            return Near(found, "index")
    return Near(exactly(cursor, vector, model, scope, limit), "exact")


def exactly(
    cursor: CursorWrapper, vector: Vector, model: ActiveModel, scope: Scope, limit: int
) -> list[tuple[int, float]]:
    """By comparing all of the scope."""
    # Without the cast of the index, so that the planner cannot choose it.
    statement, values = _statement("e.vector <=> %s::halfvec", scope, model)
    cursor.execute(
        f"{statement} ORDER BY distance, e.chunk_id LIMIT %s", [vector.literal, *values, limit]
    )
    return [(chunk_id, 1 - distance) for chunk_id, distance in cursor.fetchall()]


def _by_bits(
    cursor: CursorWrapper,
    vector: Vector,
    model: ActiveModel,
    scope: Scope,
    limit: int,
    *,
    chosen: int,
) -> list[tuple[int, float]]:
    # Processes that help take longer to start than all of this.
    cursor.execute("SELECT set_config('max_parallel_workers_per_gather', '0', true)")
    owned, values = scope.owned("b")
    cursor.execute(
        "WITH near AS MATERIALIZED (SELECT b.id FROM memory_binaryvector b"
        f"   WHERE b.model_id = {int(model.id)} AND {owned}"
        "   ORDER BY b.bits <~> binary_quantize(%s::halfvec), b.id LIMIT %s)"
        " SELECT e.chunk_id, e.vector <=> %s::halfvec AS distance"
        " FROM near JOIN memory_embedding e USING (id)"
        " WHERE e.chunk_id NOT IN (SELECT id FROM memory_chunk WHERE standing = 'rejected')"
        " ORDER BY distance, e.chunk_id LIMIT %s",
        [*values, vector.literal, chosen, vector.literal, limit],
    )
    return [(chunk_id, 1 - distance) for chunk_id, distance in cursor.fetchall()]


def _by_index(
    cursor: CursorWrapper,
    vector: Vector,
    model: ActiveModel,
    scope: Scope,
    limit: int,
    *,
    searched: int,
) -> list[tuple[int, float]]:
    cursor.execute(
        "SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),"
        " set_config('hnsw.ef_search', %s, true), set_config('hnsw.max_scan_tuples', %s, true),"
        " set_config('enable_sort', 'off', true)",
        [str(min(searched, _MOST_SEARCHED)), str(_SCANNED)],
    )
    dims = int(model.dims)
    statement, values = _statement(
        f"e.vector::halfvec({dims}) <=> %s::halfvec({dims})", scope, model
    )
    cursor.execute(f"{statement} ORDER BY distance LIMIT %s", [vector.literal, *values, limit])
    found = [(chunk_id, 1 - distance) for chunk_id, distance in cursor.fetchall()]
    cursor.execute("SELECT set_config('enable_sort', 'on', true)")
    # The order of an iterative scan is nearly right.
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _statement(distance: str, scope: Scope, model: ActiveModel) -> tuple[str, list[Any]]:
    owned, values = scope.owned("e")
    filters = "".join(f" AND {each}" for each in scope.filters)
    joined = " JOIN memory_chunk c ON c.id = e.chunk_id" if scope.filters else ""
    return (
        f"SELECT e.chunk_id, {distance} AS distance FROM memory_embedding e{joined}"
        f" WHERE e.model_id = {int(model.id)} AND {owned}{filters}"
        " AND e.chunk_id NOT IN (SELECT id FROM memory_chunk WHERE standing = 'rejected')",
        [*values, *scope.filter_values],
    )
