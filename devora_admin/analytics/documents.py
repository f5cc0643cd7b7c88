"""What customers do, as the platform records it: one document per event."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

EVENTS = "analytics_events"

_LATEST_FIRST = [("timestamp", DESCENDING), ("_id", DESCENDING)]

mongo.declare_indexes(
    EVENTS,
    [
        IndexModel([("user_id", ASCENDING), *_LATEST_FIRST], name="customer"),
        # One type among very many events, and usage summed from the index alone.
        IndexModel(
            [
                ("user_id", ASCENDING),
                ("event_type", ASCENDING),
                *_LATEST_FIRST,
                ("properties.tokens", ASCENDING),
            ],
            name="customer_type",
        ),
    ],
)


def events() -> Collection[dict[str, Any]]:
    return mongo.database()[EVENTS]
