"""Of each project what is counted of it, and how many projects there are of each kind.

analytics_projects        {_id: the project's, id, type, languages, files, bytes, is_archived}
analytics_project_counts  {_id: {of, value}, label, used, archived}
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

FIGURES, COUNTS = "analytics_projects", "analytics_project_counts"
ALL, TYPE, LANGUAGE, SIZE, FILES = "all", "type", "language", "size", "files"
"""What projects are counted by."""


def _listed_by(field: str) -> IndexModel:
    return IndexModel([("is_archived", ASCENDING), (field, ASCENDING), ("_id", ASCENDING)])


mongo.declare_indexes(
    FIGURES,
    [
        *(_listed_by(field) for field in ("type", "bytes", "files")),
        IndexModel([("id", ASCENDING)], name="id"),
    ],
    compressor="zstd",
)
mongo.declare_indexes(
    COUNTS, [IndexModel([("_id.of", ASCENDING), ("used", DESCENDING)], name="largest")]
)


def figures() -> Collection[dict[str, Any]]:
    return mongo.database()[FIGURES]


def counts() -> Collection[dict[str, Any]]:
    return mongo.database()[COUNTS]
