"""What memory keeps in MongoDB, so that PostgreSQL can be made anew from it.

`memory_notes`: what the platform asked to remember and keeps nowhere else, a message each:
`{_id: sha256 as hex, id: the same, user_id, project_id, role, content, number, at, noted_at}`.

`memory_decisions`: what staff decided about a customer's memory:
`{user_id, about: "preference", topic, value, standing, correction?, by: {id, name}, at}` or
`{user_id, about: "item", sha256: hex of the piece, standing, text?, kind, project_id, path,
symbol, origins, by, at}`. What was forgotten or corrected is not kept: the customer's own document
has it.

`memory_queue`: documents to be indexed, a row each however often they changed:
`{_id: {c: collection, k: the document's _id}, marks, since, due_at, tries, owner, claimed_at,
error, dead_at}`. Of `memory_decisions`, and of `users` for all that a customer has, k is the
customer's id. A row that is being worked on is due again when its claim runs out. One without
`due_at` is dead: it failed too often, and waits for staff, or for its document to change.

`memory_checks`: one document for the nightly check, `{due_at, owner, place, counts, finished_at,
is_first, found: {documents, missing, older, left_over}}`, where is_first is of the one that is
found; one for the last rebuild, `{started_at, marked_at, finished_at}`.
"""

from collections.abc import Iterator
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

NOTES = "memory_notes"
DECISIONS = "memory_decisions"
QUEUE = "memory_queue"
CHECKS = "memory_checks"

mongo.declare_indexes(
    NOTES,
    [
        IndexModel([("user_id", ASCENDING), ("project_id", ASCENDING)], name="customer"),
        IndexModel([("project_id", ASCENDING)], name="project"),
    ],
)
mongo.declare_indexes(CHECKS, [])
mongo.declare_indexes(
    DECISIONS, [IndexModel([("user_id", ASCENDING), ("about", ASCENDING)], name="customer")]
)
mongo.declare_indexes(
    QUEUE,
    [
        IndexModel([("due_at", ASCENDING)], name="due_at", sparse=True),
        IndexModel([("owner", ASCENDING)], name="owner", sparse=True),
        IndexModel([("dead_at", ASCENDING)], name="dead_at", sparse=True),
    ],
)


def notes() -> Collection[dict[str, Any]]:
    return mongo.database()[NOTES]


def decisions() -> Collection[dict[str, Any]]:
    return mongo.database()[DECISIONS]


def queue() -> Collection[dict[str, Any]]:
    return mongo.database()[QUEUE]


def checks() -> Collection[dict[str, Any]]:
    return mongo.database()[CHECKS]


def after(
    collection: Collection[dict[str, Any]], key: Any, shown: dict[str, int], *, limit: int
) -> Iterator[dict[str, Any]]:
    """Documents in the order of `_id`, whatever types those have. key: None to begin."""
    if key is None:
        return collection.find({}, shown).sort("_id", 1).limit(limit)
    # As a bound of the index, which has every type in order; a comparison keeps to one.
    rest = collection.find({"_id": {"$ne": key}}, shown).sort("_id", 1).limit(limit)
    return rest.min([("_id", key)]).hint([("_id", 1)])
