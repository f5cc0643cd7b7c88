"""Values that occur in a field: what filters offer. Any other text may be asked as well."""

import time
from typing import Any

from pymongo.collation import Collation
from pymongo.collection import Collection

from devora_admin.core.listing.indexes import ANY_CASE

_KEPT_S = 60.0
_MOST = 200
_kept: dict[tuple[str, str], tuple[float, list[str]]] = {}


def values(
    collection: Collection[dict[str, Any]],
    field: str,
    *,
    collation: Collation | None = ANY_CASE,
) -> list[str]:
    """One round trip a minute, of one document for each value. collation: that of the index."""
    key = (collection.name, field)
    until, found = _kept.get(key, (0.0, []))
    if until < time.monotonic():
        stored = collection.distinct(field, collation=collation)
        texts = [each for each in stored if isinstance(each, str) and 0 < len(each) <= 100]
        found = sorted(texts, key=str.lower)[:_MOST]
        _kept[key] = (time.monotonic() + _KEPT_S, found)
    return found
