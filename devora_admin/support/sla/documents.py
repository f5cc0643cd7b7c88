"""The promise that holds now, and who was told that one is about to be broken.

`support_sla`: one document, `{_id: "policy", zone, week, holidays, targets, warn_percent, revision,
updated_at, updated_by}`; what it was before, the audit log has.
`support_notices`: `{who, number, issue_id, promise, kind, due_at, at, seen_at}`, kept for a month.
Its `_id` is made of issue, promise, kind, due moment and person, so that nobody is told twice.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

SLA = "support_sla"
NOTICES = "support_notices"
KEPT_DAYS = 30

mongo.declare_indexes(SLA, [])
mongo.declare_indexes(
    NOTICES,
    [
        IndexModel(
            [("who", ASCENDING), ("seen_at", ASCENDING), ("at", DESCENDING)], name="who_seen"
        ),
        IndexModel([("issue_id", ASCENDING)], name="issue"),
        IndexModel([("at", ASCENDING)], name="ttl", expireAfterSeconds=KEPT_DAYS * 24 * 3600),
    ],
)


def policies() -> Collection[dict[str, Any]]:
    return mongo.database()[SLA]


def notices() -> Collection[dict[str, Any]]:
    return mongo.database()[NOTICES]
