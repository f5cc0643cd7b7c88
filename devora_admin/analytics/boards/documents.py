"""`analytics_boards`: `{_id, name, owner_id, is_shared, charts, revision, updated_at, by}`.

charts: `[{id, title, query}]` in their order; query is explore's address, with its days as they
were asked for: counted back from today, or named. title is "" for the one explore gives.
"""

from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

BOARDS = "analytics_boards"
mongo.declare_indexes(
    BOARDS,
    [
        IndexModel([("owner_id", ASCENDING), ("name", ASCENDING)], name="owner"),
        IndexModel([("is_shared", ASCENDING), ("name", ASCENDING)], name="shared"),
    ],
)


def documents() -> Collection[dict[str, Any]]:
    return mongo.database()[BOARDS]
