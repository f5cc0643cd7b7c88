"""What customers do, as the platform records it: one document per event; and what is counted of it.

Rollups are found by their `_id` alone, which names what they are of, in this order:

    analytics_series    {grain, dimension, period, event_type, value}
    analytics_sketches  likewise
    analytics_cube      {period, event_type, plan, project_type, model}
    analytics_active    {grain, plan, period}
    analytics_cohorts   {grain, first}
    analytics_minutes   {minute, event_type}; of the last two hours, its numbers beside `at`
    user_days           {day, user_id}

`cells` holds their numbers by day of the month, hour of the day or the like (analytics.periods).
All are whole numbers, so that sums are exact: cost in millionths of a dollar, latency in ms.
`mark` of sketches is another one after each change of them.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

EVENTS = "analytics_events"
FAILURES = ("error", "generation_failed")
# An event is counted once `dimensions` is in it: {plan, project_type, model}, as they were then.
COUNTED = "dimensions"
SERIES, SKETCHES, CUBE = "analytics_series", "analytics_sketches", "analytics_cube"
ACTIVE, USER_DAYS = "analytics_active", "user_days"
MINUTES = "analytics_minutes"
# Of each customer when they first took each step and when they were active, and sums of these.
JOURNEYS, COHORTS = "analytics_journeys", "analytics_cohorts"
# Types of events with what their properties are called, one document each.
TYPES = "analytics_types"
# Events that cannot be counted, or in which a number could not be, and why.
QUARANTINE = "analytics_quarantine"
# Customers whose days have to be looked at again, as events of theirs went elsewhere.
RECOUNTS = "analytics_recounts"
# One document: the time zone of the days, how many events are counted, and a rebuild under way.
STATE = "analytics_state"

_LATEST_FIRST = [("timestamp", DESCENDING), ("_id", DESCENDING)]
_OF_TYPE = [("user_id", ASCENDING), ("event_type", ASCENDING)]

BY_TIME, BY_TYPE = "time", "type_time"
"""Names of indexes."""
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
        # Each once, of those that come with an id of their own.
        IndexModel(
            [("event_id", ASCENDING)],
            name="event_id",
            unique=True,
            partialFilterExpression={"event_id": {"$type": "string"}},
        ),
        # A day of everybody's: to count it again, to export it, and what is live.
        IndexModel([("timestamp", ASCENDING), ("_id", ASCENDING)], name=BY_TIME),
        # What is behind a point of some types (people), and what went wrong lately
        # (spikes.counting).
        IndexModel(
            # By `_id` as well, so that no index of the platform's own stands in its way.
            [("event_type", ASCENDING), ("timestamp", ASCENDING), ("_id", ASCENDING)],
            name=BY_TYPE,
        ),
    ],
)
for _name in (SERIES, SKETCHES, CUBE, ACTIVE, JOURNEYS, COHORTS):
    mongo.declare_indexes(_name, [], compressor="zstd")
mongo.declare_indexes(
    USER_DAYS,
    # The days of one customer, and whose they are.
    [IndexModel([("_id.user_id", ASCENDING), ("_id.day", ASCENDING)], name="customer")],
    compressor="zstd",
)
mongo.declare_indexes(
    MINUTES,
    [IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=7200)],
)
mongo.declare_indexes(TYPES, [IndexModel([("last_at", DESCENDING)], name="last_at")])
mongo.declare_indexes(
    QUARANTINE,
    [
        IndexModel([("at", DESCENDING), ("_id", DESCENDING)], name="latest"),
        # What a fault of the platform fills it with goes again.
        IndexModel([("at", ASCENDING)], name="age", expireAfterSeconds=30 * 86_400),
        IndexModel([("user_id", ASCENDING)], name="user_id"),
    ],
)
mongo.declare_indexes(RECOUNTS, [IndexModel([("marked_at", ASCENDING)], name="marked_at")])
mongo.declare_indexes(STATE, [])


def events() -> Collection[dict[str, Any]]:
    return mongo.database()[EVENTS]
