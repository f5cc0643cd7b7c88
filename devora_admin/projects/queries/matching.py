"""All projects that match, in the order of `_id`, for jobs that go through them."""

from collections.abc import Iterator
from typing import Any

import pymongo

from devora_admin.projects.documents import projects, shown_name
from devora_admin.projects.queries.conditions import COLLATION, Filters, all_of
from devora_admin.projects.queries.listing import match_condition

_AT_ONCE = 500
_PATIENCE_S = 60.0
"""A job may wait for what a page may not."""
_SHOWN = {"id": 1, "name": {"$cond": [{"$eq": [{"$type": "$name"}, "string"]}, "$name", ""]}}


def matching(filters: Filters, *, after: Any) -> Iterator[tuple[str, str, Any]]:
    """Id ("" when it has none), name and `_id` of each. after: an `_id`, or None from the start."""
    condition = match_condition(filters)
    while True:
        beyond = {} if after is None else {"$expr": {"$gt": ["$_id", {"$literal": after}]}}
        with pymongo.timeout(_PATIENCE_S):
            found = list(
                projects()
                .find(all_of(condition, beyond), _SHOWN)
                .collation(COLLATION)
                .sort("_id", 1)
                .limit(_AT_ONCE)
            )
        for row in found:
            project_id = row.get("id")
            after = row["_id"]
            yield project_id if isinstance(project_id, str) else "", _name(row), after
        if len(found) < _AT_ONCE:
            return


def names(ids: list[str]) -> dict[str, str]:
    """Names by id, of those that exist."""
    found = projects().find({"id": {"$in": ids}}, _SHOWN)
    return {row["id"]: _name(row) for row in found}


def _name(row: dict[str, Any]) -> str:
    return shown_name(row["name"].strip())[:200]
