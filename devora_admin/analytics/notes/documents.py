"""`analytics_notes`: `{_id, kind, source, at, text, url, revision, updated_at, by}`.

kind: "deploys" or "notes". source: "api" of a deploy a program told, "self" of a version of this
dashboard, "staff" of what somebody wrote. `at` is a whole second. What the audit log knows is read
there, and is not kept again.
"""

from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

NOTES = "analytics_notes"
mongo.declare_indexes(NOTES, [IndexModel([("at", DESCENDING), ("_id", DESCENDING)], name="latest")])


def documents() -> Collection[dict[str, Any]]:
    return mongo.database()[NOTES]
