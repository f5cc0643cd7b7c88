"""Rules that watch a number, how each stands, what became of it, and e-mails to staff.

`analytics_alerts`: a rule as alerts.rule reads it.

`analytics_alert_states`, by the rule's id: `{asked, turn, until, value, usual, outcome, in_row,
state, since, episode, at}`, with it `muted_until` and `muted_by`, `error` and `error_at`. `turn`
grows with every write, and each names the one it read. `until` is the end of the last window that
was judged. `episode` is from when it fired until it is over: `{id, since, until, value, told_at,
acked_by, acked_at}`.

`analytics_alert_events`: `{rule_id, kind, at, until, value, by, note}`.

`analytics_outbox`: `{to, kind, subject, lines, links, state, mail_id, queued_at, due_at, attempts,
claim, error, error_at, ended_at}`; `to` is the id of an account. An `_id` says what the e-mail is
about and whom it is for, so that none is put there twice.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

ALERTS = "analytics_alerts"
STATES = "analytics_alert_states"
HAPPENED = "analytics_alert_events"
OUTBOX = "analytics_outbox"
_DAY_S = 86_400

mongo.declare_indexes(ALERTS, [IndexModel([("name", ASCENDING)], name="name", unique=True)])
mongo.declare_indexes(
    STATES,
    # Of rules that are in use it is written at least once a week.
    [IndexModel([("at", ASCENDING)], name="age", expireAfterSeconds=90 * _DAY_S)],
)
mongo.declare_indexes(
    HAPPENED,
    [
        IndexModel([("rule_id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="rule"),
        IndexModel([("at", ASCENDING)], name="age", expireAfterSeconds=730 * _DAY_S),
    ],
)
mongo.declare_indexes(
    OUTBOX,
    [
        IndexModel(
            [("due_at", ASCENDING)], name="due", partialFilterExpression={"state": "waiting"}
        ),
        IndexModel(
            [("queued_at", ASCENDING)],
            name="waiting",
            partialFilterExpression={"state": "waiting"},
        ),
        IndexModel([("queued_at", ASCENDING)], name="age", expireAfterSeconds=90 * _DAY_S),
    ],
)


def alerts() -> Collection[dict[str, Any]]:
    return mongo.database()[ALERTS]


def states() -> Collection[dict[str, Any]]:
    return mongo.database()[STATES]


def happened() -> Collection[dict[str, Any]]:
    return mongo.database()[HAPPENED]


def outbox() -> Collection[dict[str, Any]]:
    return mongo.database()[OUTBOX]
