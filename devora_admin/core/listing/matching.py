"""All documents that match, in the order of `_id`, for jobs that go through them."""

from collections.abc import Callable, Iterator
from typing import Any

import pymongo

from devora_admin.core.listing.conditions import all_of, match_condition
from devora_admin.core.listing.indexes import ANY_CASE
from devora_admin.core.listing.spec import F, ListSpec

_AT_ONCE = 500
_PATIENCE_S = 60.0
"""A job may wait for what a page may not."""
_SHOWN = {"id": 1, "name": {"$cond": [{"$eq": [{"$type": "$name"}, "string"]}, "$name", ""]}}

Shown = Callable[[str], str]
"""How a stored name reads, "" being none."""


def matching(
    spec: ListSpec[F, Any], filters: F, *, after: Any, shown: Shown
) -> Iterator[tuple[str, str, Any]]:
    """Id ("" when it has none), name and `_id` of each. after: an `_id`, or None from the start."""
    condition = match_condition(spec, filters)
    while True:
        beyond = {} if after is None else {"$expr": {"$gt": ["$_id", {"$literal": after}]}}
        with pymongo.timeout(_PATIENCE_S):
            cursor = spec.collection().find(all_of(condition, beyond), _SHOWN)
            found = list(cursor.collation(ANY_CASE).sort("_id", 1).limit(_AT_ONCE))
        for row in found:
            key = row.get("id")
            after = row["_id"]
            yield key if isinstance(key, str) else "", _name(row, shown), after
        if len(found) < _AT_ONCE:
            return


def names(spec: ListSpec[Any, Any], ids: list[str], *, shown: Shown) -> dict[str, str]:
    """Names by id, of those that exist."""
    found = spec.collection().find({"id": {"$in": ids}}, _SHOWN)
    return {row["id"]: _name(row, shown) for row in found}


def _name(row: dict[str, Any], shown: Shown) -> str:
    return shown(row["name"].strip())[:200]
