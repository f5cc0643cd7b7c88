"""`analytics_subscribers`: who gets the summary, `{_id: id of the account, since}`."""

from typing import Any

from pymongo.collection import Collection

from devora_admin.core import mongo

SUBSCRIBERS = "analytics_subscribers"
mongo.declare_indexes(SUBSCRIBERS, [])


def subscribers() -> Collection[dict[str, Any]]:
    return mongo.database()[SUBSCRIBERS]
