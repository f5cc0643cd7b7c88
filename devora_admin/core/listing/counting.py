"""How many match, as far as anybody needs to know."""

from typing import Any

from devora_admin.core.listing import beginnings, search
from devora_admin.core.listing.indexes import ANY_CASE
from devora_admin.core.listing.patience import patience
from devora_admin.core.listing.spec import Chosen, F, ListSpec

MOST_COUNTED = 10_000
MOST_EXPORTED = 5_000_000


def count(spec: ListSpec[F, Any], filters: F, *, most: int = MOST_COUNTED) -> int:
    """How many match, counted no further than `most` + 1. Raises InvalidInput when too slow."""
    condition = spec.condition(filters)
    with patience(spec.too_slow):
        beginnings.look(spec)
        if filters.q:
            return search.count(search.Search(spec, filters.q, condition), most=most + 1)
        cursor = spec.collection().find(condition, {"_id": 1}).collation(ANY_CASE)
        return sum(1 for _ in cursor.limit(most + 1).batch_size(most + 1))


def count_chosen(spec: ListSpec[F, Any], chosen: Chosen[F]) -> int:
    return len(chosen.ids) if chosen.filters is None else count(spec, chosen.filters)


def label(number: int | None) -> str:
    if number is None:
        return "all"
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


def is_empty(spec: ListSpec[Any, Any]) -> bool:
    """Whether there is no document at all."""
    return spec.collection().find_one({}, {"_id": 1}) is None
