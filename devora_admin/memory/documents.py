"""What memory keeps in MongoDB, so that PostgreSQL can be made anew from it.

`memory_notes`: what the platform asked to remember and keeps nowhere else, a message each:
`{_id: sha256 as hex, id: the same, user_id, project_id, role, content, number, at, noted_at}`.
"""

from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

NOTES = "memory_notes"

mongo.declare_indexes(
    NOTES,
    [
        IndexModel([("user_id", ASCENDING), ("project_id", ASCENDING)], name="customer"),
        IndexModel([("project_id", ASCENDING)], name="project"),
    ],
)


def notes() -> Collection[dict[str, Any]]:
    return mongo.database()[NOTES]
