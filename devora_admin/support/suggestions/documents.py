"""What was found and may become an issue.

`support_suggestions`, one document for what is the same: `{_id, kind: secret | personal | spike,
state: new | opened | dismissed | gone, certainty, at, revision, episode, decided: {by, by_id, at,
reason, row}, issues: {first, count}}`. `at` is when it was suggested, which its list is ordered by.
`gone` is what was new and is no longer there; it is new again when it comes back. `episode` counts
how often it has begun anew, none being the first; `decided.row` is the audit log's of a dismissal.

Of a secret or personal data also `{detector, user_id, project_id, project_key, hint, places:
[{path, line, turn}], found, seen_at}`; project_key is the project's `_id`, and `found` how many
places there are. Its `_id` is a keyed digest of project, detector and value; the value is nowhere.
Of a spike `{fingerprint, event_type, code, message, model, count, usual, hourly, first_at, last_at,
job}`. `message` is what its events have in common, `usual` how many an hour there were before,
`hourly` how many in each of the last hours, `job` what opens an issue for each customer.

`support_suggestion_customers`: `{suggestion_id, episode, user_id, first_at, last_at}`, whom a spike
has hit in one of its episodes.
"""

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

SUGGESTIONS = "support_suggestions"
HIT = "support_suggestion_customers"
_EPISODE = [("suggestion_id", ASCENDING), ("episode", ASCENDING)]
_LATEST_FIRST = [("at", DESCENDING), ("_id", DESCENDING)]

mongo.declare_indexes(
    SUGGESTIONS,
    [
        IndexModel([("state", ASCENDING), *_LATEST_FIRST], name="state_at"),
        IndexModel([("state", ASCENDING), ("kind", ASCENDING), *_LATEST_FIRST], name="state_kind"),
        # How a new scan, a merge and an erasure find them; a spike has neither.
        IndexModel([("project_key", ASCENDING)], name="project", sparse=True),
        IndexModel([("project_id", ASCENDING)], name="project_id", sparse=True),
        IndexModel([("user_id", ASCENDING)], name="customer", sparse=True),
        # Of all that was ever found, the few that are followed.
        IndexModel(
            [("last_at", ASCENDING)], name="spike_last", partialFilterExpression={"kind": "spike"}
        ),
    ],
)
mongo.declare_indexes(
    HIT,
    [
        IndexModel([*_EPISODE, ("last_at", DESCENDING), ("_id", DESCENDING)], name="latest"),
        IndexModel([*_EPISODE, ("_id", ASCENDING)], name="episode"),
        IndexModel([*_EPISODE, ("user_id", ASCENDING)], name="episode_customer"),
        IndexModel([("user_id", ASCENDING)], name="customer"),
    ],
)


def suggestions() -> Collection[dict[str, Any]]:
    return mongo.database()[SUGGESTIONS]


def hit() -> Collection[dict[str, Any]]:
    return mongo.database()[HIT]


def hit_by(row: Mapping[str, Any]) -> dict[str, Any]:
    """Finds whom the present episode of a spike has hit."""
    return {"suggestion_id": row["_id"], "episode": row["episode"]}
