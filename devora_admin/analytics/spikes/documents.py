"""`analytics_fault_hours`: how many events of each fault an hour had, `{_id: the hour, counts:
{fingerprint: how many}}`. Nothing of a customer is in it."""

from typing import Any

from pymongo.collection import Collection

from devora_admin.core import mongo

FAULT_HOURS = "analytics_fault_hours"
mongo.declare_indexes(FAULT_HOURS, [])


def fault_hours() -> Collection[dict[str, Any]]:
    return mongo.database()[FAULT_HOURS]
