"""Segments, and who is in those that are fixed.

    analytics_segments         {_id, name, of, key, places, count, owner_id, revision, …}
    analytics_segment_members  {_id, places, user_id or project_id}

of: "customers" or "projects". key: of the group it was saved from, which is asked again each time
unless `places` names members. owner_id: "" for everybody's.
"""

from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

SEGMENTS, MEMBERS = "analytics_segments", "analytics_segment_members"
_KEPT_S = 30 * 86_400
"""Members of a segment that was deleted, as long as it may be put back."""

mongo.declare_indexes(
    SEGMENTS,
    [
        IndexModel(
            [("owner_id", ASCENDING), ("of", ASCENDING), ("name", ASCENDING)],
            name="name", unique=True,
        ),
    ],
)  # fmt: skip
mongo.declare_indexes(
    MEMBERS,
    [
        IndexModel([("places", ASCENDING), ("_id", ASCENDING)], name="places"),
        IndexModel([("user_id", ASCENDING)], name="user_id", sparse=True),
        IndexModel([("project_id", ASCENDING)], name="project_id", sparse=True),
        IndexModel([("gone_at", ASCENDING)], name="gone_at", expireAfterSeconds=_KEPT_S),
    ],
)


def segments() -> Collection[dict[str, Any]]:
    return mongo.database()[SEGMENTS]


def members() -> Collection[dict[str, Any]]:
    return mongo.database()[MEMBERS]
