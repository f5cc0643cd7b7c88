"""Documents whose text begins so, for fields where an index has met a list.

Such an index answers from one end of a range alone: a search would read half of all documents.
Bounds of the cursor's own are exact, for one more round trip. Which fields are so is looked up
beside the count, never before the rows.
"""

import time
from collections.abc import Mapping
from typing import Any

from bson.min_key import MinKey
from pymongo.collection import Collection
from pymongo.cursor import Cursor

from devora_admin.core.listing.indexes import ANY_CASE, name_of
from devora_admin.core.listing.spec import Condition, ListSpec

_KEPT_S = 600.0
_MOST = 10_000
"""Documents named one by one."""

_LAST = "\uffff"
"""Sorts after every character in a collation."""

_met_list: dict[tuple[str, str], bool] = {}
_looked_until: dict[str, float] = {}


def look(spec: ListSpec[Any, Any]) -> None:
    """One round trip for each field that is searched by its beginning, every ten minutes."""
    if _looked_until.get(spec.name, 0.0) > time.monotonic():
        return
    for field in spec.searched.prefixes:
        cursor = spec.collection().find({field: ""}, {"_id": 1}).collation(ANY_CASE)
        plan = cursor.hint(name_of(field)).explain()["queryPlanner"]["winningPlan"]
        _met_list[spec.name, field] = _is_multikey(plan)
    _looked_until[spec.name] = time.monotonic() + _KEPT_S


def forget() -> None:
    _met_list.clear()
    _looked_until.clear()


def _is_multikey(plan: Any) -> bool:
    if isinstance(plan, list):
        return any(map(_is_multikey, plan))
    if not isinstance(plan, dict):
        return False
    return plan.get("isMultiKey") is True or any(map(_is_multikey, plan.values()))


def condition(spec: ListSpec[Any, Any], field: str, text: str) -> Condition:
    within: Condition = {field: {"$gte": text, "$lt": text + _LAST}}
    if not _met_list.get((spec.name, field)):
        return within
    cursor = beginning(spec.collection(), field, text, {"_id": 1})
    found = list(cursor.limit(_MOST).batch_size(_MOST))
    return {"_id": {"$in": [row["_id"] for row in found]}} if len(found) < _MOST else within


def beginning(
    collection: Collection[Any], field: str, text: str, shown: Mapping[str, Any]
) -> Cursor[Any]:
    """In any case, in the order of `field`, of which a list is ordered by."""
    low: Any = [(field, text), ("_id", MinKey())]
    high: Any = [(field, text + _LAST), ("_id", MinKey())]
    cursor = collection.find({}, shown).collation(ANY_CASE).hint(name_of(field))
    return cursor.min(low).max(high)
