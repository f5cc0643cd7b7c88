"""Numbers of issues: each once, in order. One is lost where an issue comes to nothing."""

from typing import Any

from pymongo import ReturnDocument
from pymongo.write_concern import WriteConcern

from devora_admin.core import mongo
from devora_admin.support.documents import COUNTERS


def next_number() -> int:
    """Taken outside of any transaction, so that whoever opens issues does not wait for others.

    It does not wait for the journal or other servers either: what commits after it does, and a
    number lost with a server is lost with the issues that had it.
    """
    counters = mongo.database()[COUNTERS].with_options(write_concern=WriteConcern(w=1, j=False))
    counted: dict[str, Any] = counters.find_one_and_update(  # type: ignore[assignment]  # an upsert returns the document
        {"_id": "issues"},
        {"$inc": {"last": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return int(counted["last"])
