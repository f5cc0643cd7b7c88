"""What customers do, as the platform records it: one document per event."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

EVENTS = "analytics_events"

mongo.declare_indexes(
    EVENTS,
    [
        # Newest first for one customer; usage is summed from the index alone.
        IndexModel(
            [
                ("user_id", ASCENDING),
                ("timestamp", DESCENDING),
                ("_id", DESCENDING),
                ("event_type", ASCENDING),
                ("properties.tokens", ASCENDING),
            ],
            name="user_timestamp",
        )
    ],
)


def events() -> Collection[dict[str, Any]]:
    return mongo.database()[EVENTS]
