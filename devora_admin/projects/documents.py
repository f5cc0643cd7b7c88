"""Projects, as the platform writes them and the dashboard edits them.

The platform owns this collection's shape. Write with $set and $push on the paths that changed,
never a whole document, so that a field unknown here is never dropped or retyped.
"""

from typing import Any

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo
from devora_admin.core.listing.indexes import (
    ANY_CASE,
    in_any_case,
    order_of,
    ordered_by,
    words_of,
)

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
UNNAMED = "Untitled project"


def _listed_by(sort: str) -> list[IndexModel]:
    """For one order of the list: all projects, those in use, the archived, and the misfits."""
    in_order = order_of(sort)
    live = [("archived_at", ASCENDING), *in_order]
    return [
        *ordered_by(sort),
        IndexModel(live, name=f"list_live_{sort}", collation=ANY_CASE),
        IndexModel(
            in_order,
            name=f"list_archived_{sort}",
            collation=ANY_CASE,
            partialFilterExpression={"archived_at": {"$exists": True}},
        ),
    ]


mongo.declare_indexes(
    "projects",
    [
        IndexModel([("id", ASCENDING)], name="id", unique=True),
        IndexModel([("user_id", ASCENDING), ("created_at", DESCENDING)], name="user_created"),
        *_listed_by("updated_at"),
        *_listed_by("created_at"),
        *_listed_by("name"),
        in_any_case("id", "list_id"),
        in_any_case("user_id", "list_owner"),
        in_any_case("project_type", "list_type"),
        in_any_case("files.language", "list_language"),
        words_of("name", "description"),
    ],
)


mongo.declare_indexes(
    "conversations",
    [
        IndexModel([("project_id", ASCENDING)], name="project_id"),
        IndexModel([("user_id", ASCENDING)], name="user_id"),
    ],
)

# The dashboard's own: what of a conversation does not fit into its project, in parts, the earliest
# messages first; and what became of each document of `conversations`, by its `_id`.
ARCHIVE = "conversation_archive"
MOVES = "conversation_moves"

mongo.declare_indexes(
    ARCHIVE,
    [
        IndexModel(
            [("project_id", ASCENDING), ("first", ASCENDING), ("count", ASCENDING)], name="thread"
        ),
        # Two that move the same conversation at once must not both add a part.
        IndexModel(
            [("project_id", ASCENDING), ("part", ASCENDING)], name="project_part", unique=True
        ),
        IndexModel([("user_id", ASCENDING)], name="user_id"),
    ],
    compressor="zstd",
)
mongo.declare_indexes(MOVES, [IndexModel([("project_id", ASCENDING)], name="project_id")])

# The dashboard's own: who has which file open now, and what Undo needs for a while.
EDITOR_PRESENCE = "editor_presence"
EDITOR_UNDO = "editor_undo"
# Which projects somebody asked to delete for good, until it is done.
DELETIONS = "project_deletions"

mongo.declare_indexes(
    EDITOR_PRESENCE,
    [
        IndexModel([("project_id", ASCENDING), ("at", DESCENDING)], name="project_at"),
        IndexModel([("at", ASCENDING)], name="ttl", expireAfterSeconds=120),
    ],
)
mongo.declare_indexes(
    EDITOR_UNDO,
    [
        IndexModel([("expires_at", ASCENDING)], name="ttl", expireAfterSeconds=0),
        # Deleting a project looks for what is kept of it, which is whole files of everybody's.
        IndexModel([("project_id", ASCENDING)], name="project", sparse=True),
        IndexModel([("of", ASCENDING)], name="of", sparse=True),
    ],
)
mongo.declare_indexes(
    DELETIONS, [IndexModel([("expires_at", ASCENDING)], name="ttl", expireAfterSeconds=0)]
)


class Project(me.Document):
    # The platform's key is `id`, a UUID as text; MongoDB's `_id` is kept beside it.
    object_id = me.ObjectIdField(primary_key=True)
    id = me.StringField()
    user_id = me.StringField()
    name = me.StringField()
    description = me.StringField()
    project_type = me.StringField()
    files = me.ListField(me.DictField())
    metadata = me.DictField()
    conversation_history = me.ListField(me.DictField())
    created_at = me.DateTimeField()
    updated_at = me.DateTimeField()
    revision = me.IntField()
    archived_at = me.DateTimeField()

    meta = {"collection": "projects", "strict": False, "auto_create_index": False}


def projects() -> Collection[dict[str, Any]]:
    """The raw collection: what lists and conditional updates use, documents never loaded whole."""
    collection: Collection[dict[str, Any]] = Project._get_collection()
    return collection


def conversations() -> Collection[dict[str, Any]]:
    """The deprecated home of conversations: `{user_id, project_id, messages: []}`."""
    return mongo.database()["conversations"]


def archive() -> Collection[dict[str, Any]]:
    """Parts of conversations: `{project_id, user_id, part, first, count, messages: []}`.

    part counts from 0; first is the number of its first message in the whole thread.
    """
    return mongo.database()[ARCHIVE]


def moves() -> Collection[dict[str, Any]]:
    """By `_id` of an old document: `{project_id, count, pieces: [{first, count, digest}], …}`.

    count: how many of its messages were moved, from its first on.
    """
    return mongo.database()[MOVES]


def import_reports() -> Collection[dict[str, Any]]:
    """By project id: what the import that made it took and left behind."""
    return mongo.database()["import_reports"]


def revision_is(revision: int) -> dict[str, Any]:
    """A condition on `revision`; a document without one counts as 0."""
    return {"revision": {"$in": [0, None]}} if revision == 0 else {"revision": revision}


def shown_name(name: object) -> str:
    """A project's name for people, whatever is stored."""
    return name if isinstance(name, str) and name.strip() else UNNAMED
