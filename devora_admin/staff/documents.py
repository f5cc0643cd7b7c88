"""Collections of the staff area that are not Django models, and their indexes."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from devora_admin.core import mongo

AUDIT_LOG = "audit_log"
LOGIN_ATTEMPTS = "login_attempts"
SESSIONS = "staff_staffsession"
STAFF = "staff_staffuser"

mongo.declare_indexes(
    AUDIT_LOG,
    [
        IndexModel([("at", DESCENDING), ("_id", DESCENDING)], name="at"),
        IndexModel(
            [("subject.kind", ASCENDING), ("subject.id", ASCENDING), ("at", DESCENDING)],
            name="subject_at",
        ),
        IndexModel([("actor.id", ASCENDING), ("at", DESCENDING)], name="actor_at"),
    ],
)
mongo.declare_indexes(
    LOGIN_ATTEMPTS, [IndexModel([("expires_at", ASCENDING)], name="ttl", expireAfterSeconds=0)]
)
mongo.declare_indexes(
    SESSIONS, [IndexModel([("expire_date", ASCENDING)], name="ttl", expireAfterSeconds=0)]
)
