"""What customers do, as the platform records it: one document per event."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

EVENTS = "analytics_events"

_LATEST_FIRST = [("timestamp", DESCENDING), ("_id", DESCENDING)]
_OF_TYPE = [("user_id", ASCENDING), ("event_type", ASCENDING)]

HAS_TOKENS = {"properties.tokens": {"$gte": float("-inf")}}
"""Whether tokens are a number."""

mongo.declare_indexes(
    EVENTS,
    [
        IndexModel([("user_id", ASCENDING), *_LATEST_FIRST], name="customer"),
        # One type among very many events, and how many there are.
        IndexModel([*_OF_TYPE, *_LATEST_FIRST], name="customer_type"),
        # Tokens are summed from this index alone. It leaves out what has none: a single event
        # with a list for its properties would have every event of everybody read as well.
        IndexModel(
            [*_OF_TYPE, ("timestamp", DESCENDING), ("properties.tokens", ASCENDING)],
            name="customer_tokens",
            partialFilterExpression=HAS_TOKENS,
        ),
    ],
)


def events() -> Collection[dict[str, Any]]:
    return mongo.database()[EVENTS]
