"""What waits to be indexed, in MongoDB: known also while PostgreSQL is away."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.memory.documents import queue
from devora_admin.memory.indexing.sources import origin

SHOWN_DEAD = 50
_COUNTED = 100_000
_BEHIND_S = 30.0
KINDS = {"projects": "Project", "support_issues": "Issue", "memory_notes": "Remembered message",
         "conversations": "Conversation", "conversation_archive": "Conversation",
         "memory_decisions": "Decisions of staff", "users": "Customer"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dead:
    """A document that could not be indexed, however often it was tried."""

    origin: str
    """As `indexing.sources` names its document."""
    what: str
    document_id: str
    """The platform's id, "" where it is gone."""
    error: str
    tries: int
    dead_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    count: int
    """Documents, up to _COUNTED."""
    oldest: datetime | None
    """When the one that waits longest was marked."""
    failing: int
    """Of which some attempt failed; they are tried again."""
    dead: int
    lag_s: float

    @property
    def is_behind(self) -> bool:
        return self.lag_s > _BEHIND_S


def waiting() -> Waiting:
    failed = {"$cond": [{"$gt": ["$tries", 0]}, 1, 0]}
    counted: dict[str, Any] = {
        "_id": None, "count": {"$sum": 1}, "oldest": {"$min": "$since"},
        "failing": {"$sum": failed},
    }  # fmt: skip
    stages = {
        name: [{"$match": {field: {"$exists": True}}}, {"$limit": _COUNTED}, {"$group": counted}]
        for name, field in (("alive", "due_at"), ("dead", "dead_at"))
    }
    [found] = queue().aggregate([{"$facet": stages}])
    nothing: dict[str, Any] = {"count": 0, "failing": 0, "oldest": None}
    alive, dead = (next(iter(found[name]), nothing) for name in ("alive", "dead"))
    oldest = alive["oldest"]
    return Waiting(
        count=alive["count"],
        oldest=oldest,
        failing=alive["failing"],
        dead=dead["count"],
        lag_s=max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0,
    )


def dead() -> tuple[Dead, ...]:
    """The latest first, up to SHOWN_DEAD."""
    rows = list(queue().find({"dead_at": {"$exists": True}}).sort("dead_at", -1).limit(SHOWN_DEAD))
    ids = _ids([(row["_id"]["c"], row["_id"]["k"]) for row in rows])
    found = []
    for row in rows:
        collection, key = row["_id"]["c"], row["_id"]["k"]
        where = origin(collection, key)
        found.append(
            Dead(where, KINDS.get(collection, collection), ids.get(where, ""),
                 row.get("error", ""), row["tries"], row["dead_at"])
        )  # fmt: skip
    return tuple(found)


def _ids(documents: list[tuple[str, Any]]) -> dict[str, str]:
    """The platform's ids, by origin; a round trip for each collection."""
    by_collection: dict[str, list[Any]] = defaultdict(list)
    for collection, key in documents:
        by_collection[collection].append(key)
    found = {}
    for collection, keys in by_collection.items():
        lenient = mongo.database().get_collection(collection, codec_options=raw_bson.LENIENT)
        for row in lenient.find({"_id": {"$in": keys}}, {"id": 1}):
            if raw_bson.is_text(row.get("id")):
                found[origin(collection, row["_id"])] = row["id"]
    return found
