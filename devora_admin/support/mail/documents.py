"""E-mails to customers, and what they answer to the question in some of them.

`support_outbox`, by the id of the message it brings: `{issue_id, state, mail_id, queued_at,
waiting_since, attempts}`, with it `due_at` and `claim` while it waits, `is_held` while an earlier
one of its issue keeps it back, `error` and `error_at` once a try failed, `address` and `sent_at`
once it was sent, `failed_at` once it was given up. Whose it is and what it says are the issue's and
the message's to say, when it is sent. A notice that an issue was resolved has no message, but
`kind: "resolved"` and `resolved_at`, the resolution it tells of.

`support_mail_settings`: `{_id: "notices", is_on, by, updated_at}`, whether such notices are sent;
without it they are.

`support_csat`, by the id of the reply or the notice that said that the issue is resolved:
`{issue_id, number, token_sha256, assignee_id, tags, project_type, resolved_by, asked_at,
expires_at}`, the issue's as they were then, with it `rating`, `comment` and `rated_at` once there
is an answer.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

OUTBOX = "support_outbox"
SETTINGS = "support_mail_settings"
CSAT = "support_csat"

_WAITING: dict[str, Any] = {"partialFilterExpression": {"state": "waiting"}}

mongo.declare_indexes(
    OUTBOX,
    [
        IndexModel([("mail_id", ASCENDING)], name="mail_id", unique=True),
        IndexModel([("due_at", ASCENDING)], name="due", **_WAITING),
        IndexModel([("waiting_since", ASCENDING)], name="waiting", **_WAITING),
        # Of an issue, in the order in which they leave.
        IndexModel([("issue_id", ASCENDING), ("queued_at", ASCENDING)], name="issue", sparse=True),
        IndexModel(
            [("failed_at", DESCENDING), ("_id", DESCENDING)],
            name="failed",
            partialFilterExpression={"state": "failed"},
        ),
        IndexModel([("sent_at", DESCENDING)], name="sent", sparse=True),
        IndexModel([("error_at", DESCENDING)], name="errors", sparse=True),
    ],
)
mongo.declare_indexes(SETTINGS, [])
mongo.declare_indexes(
    CSAT,
    [
        IndexModel([("token_sha256", ASCENDING)], name="token", unique=True),
        IndexModel([("issue_id", ASCENDING), ("asked_at", DESCENDING)], name="issue"),
        IndexModel([("asked_at", DESCENDING)], name="asked"),
    ],
)


def outbox() -> Collection[dict[str, Any]]:
    return mongo.database()[OUTBOX]


def mail_settings() -> Collection[dict[str, Any]]:
    return mongo.database()[SETTINGS]


def csat() -> Collection[dict[str, Any]]:
    return mongo.database()[CSAT]
