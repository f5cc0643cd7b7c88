"""Collections of the staff area that are not Django models, and their indexes."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from devora_admin.core import mongo

APPROVALS = "approvals"
AUDIT_HEADS = "audit_heads"
AUDIT_LOG = "audit_log"
LOGIN_ATTEMPTS = "login_attempts"
SESSIONS = "staff_staffsession"
STAFF = "staff_staffuser"
FACTORS = "staff_factors"
"""`_id`: the account's id; `totp`, `recovery` and `passkeys` as in staff.factors."""
LINKS = "staff_links"
"""`_id`: SHA-256 of the token; see staff.links."""

_LATEST_FIRST = [("at", DESCENDING), ("_id", DESCENDING)]

mongo.declare_indexes(
    AUDIT_LOG,
    [
        IndexModel(_LATEST_FIRST, name="at"),
        IndexModel(
            [("subject.kind", ASCENDING), ("subject.id", ASCENDING), *_LATEST_FIRST], name="subject"
        ),
        # What was done elsewhere for it, beside what was done to it.
        IndexModel(
            [("for.kind", ASCENDING), ("for.id", ASCENDING), *_LATEST_FIRST],
            name="for",
            partialFilterExpression={"for.kind": {"$exists": True}},
        ),
        IndexModel([("actor.id", ASCENDING), *_LATEST_FIRST], name="actor"),
        IndexModel([("customer_id", ASCENDING), *_LATEST_FIRST], name="customer"),
        IndexModel([("action", ASCENDING), *_LATEST_FIRST], name="action"),
        IndexModel([("address", ASCENDING), *_LATEST_FIRST], name="address"),
        IndexModel(
            [("chain.lane", ASCENDING), ("chain.seq", ASCENDING)],
            name="chain",
            unique=True,
            partialFilterExpression={"chain.seq": {"$exists": True}},
        ),
        IndexModel(
            [("undo_of", ASCENDING)],
            name="undo_of",
            unique=True,  # what is done can be undone once
            partialFilterExpression={"undo_of": {"$exists": True}},
        ),
    ],
)
mongo.declare_indexes(
    APPROVALS,
    [
        IndexModel([("asked_at", DESCENDING), ("_id", DESCENDING)], name="asked_at"),
        IndexModel([("state", ASCENDING), ("asked_at", DESCENDING)], name="state"),
        IndexModel([("subject.customer_id", ASCENDING)], name="customer"),
        IndexModel(
            [("kind", ASCENDING), ("subject.kind", ASCENDING), ("subject.id", ASCENDING)],
            name="pending",
            unique=True,  # the same thing is asked for once at a time
            partialFilterExpression={"state": "pending"},
        ),
    ],
)
mongo.declare_indexes(
    LOGIN_ATTEMPTS, [IndexModel([("expires_at", ASCENDING)], name="ttl", expireAfterSeconds=0)]
)
mongo.declare_indexes(
    SESSIONS, [IndexModel([("expire_date", ASCENDING)], name="ttl", expireAfterSeconds=0)]
)
mongo.declare_indexes(
    LINKS,
    [
        IndexModel([("expires_at", ASCENDING)], name="ttl", expireAfterSeconds=0),
        IndexModel([("user_id", ASCENDING)], name="user"),
    ],
)
