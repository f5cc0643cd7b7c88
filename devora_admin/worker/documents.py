"""What the worker keeps about following the change streams."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from devora_admin.core import mongo

# One document for each consumer: who follows for it, up to where, and how it goes.
WORKER_STATE = "worker_state"
# Documents whose changes a consumer fails at, one row for each consumer and document.
DEAD_LETTERS = "dead_letters"

# A handful of documents, found by their ids.
mongo.declare_indexes(WORKER_STATE, [IndexModel([("lease_until", ASCENDING)], name="lease_until")])
mongo.declare_indexes(
    DEAD_LETTERS,
    [
        IndexModel([("consumer", ASCENDING), ("due_at", ASCENDING)], name="due"),
        IndexModel([("last_at", DESCENDING), ("_id", DESCENDING)], name="last_at"),
        IndexModel([("user_id", ASCENDING)], name="user_id"),
        IndexModel([("document_id", ASCENDING)], name="document_id"),
    ],
)
