"""Numbers of issues: each once, in order. One is lost where an issue comes to nothing."""

from typing import Any

from pymongo import ReturnDocument

from devora_admin.core import mongo
from devora_admin.support.documents import COUNTERS


def next_number() -> int:
    """Taken outside of any transaction, so that whoever opens issues does not wait for others."""
    counted: dict[str, Any] = mongo.database()[COUNTERS].find_one_and_update(  # type: ignore[assignment]  # an upsert returns the document
        {"_id": "issues"},
        {"$inc": {"last": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return int(counted["last"])
