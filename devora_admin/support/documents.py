"""Issues of customers, their threads, and what is attached to them.

`support_issues`: `{id, number, subject, user_id, project_id, pinned: {revision, version, turn},
status, priority, urgency, assignee_id, tags, watchers, links: [{number, kind}], source:
{kind, client_id, fingerprint}, sequence, first, latest, resolution, touched, merged_into,
created_at, updated_at, changed_at, first_replied_at, resolved_at, reopened, project_type, sla,
due_at, due_kind, revision}`. `_id` is `id` once more. `sequence` is that of the last message.
`touched` says by field at which revision it was last changed, when and by whom, and what
`updated_at` was before: that moves for what is done about an issue, not as many are sorted at once;
`changed_at`
moves with every change. `first`,
`latest` and `resolution` hold the texts that memory reads; notes are not among them. `user_id` is
"" of an issue about the platform itself, where errors rose for many. `sla`,
`due_at` and `due_kind` are as sla.stamping has them. `reopened` counts how often it was over and
then was not any more, `project_type` is what the project was when the issue was opened; both are
left out for none.

`support_messages`: `{issue_id, sequence, kind, text, author, client_id, at, moved}`, one document
each, whose customer is the issue's. `moved` lists the merges that brought it here, the last at the
end: `{merge, issue_id, sequence}` of where it was.

`support_attachments`: `{name, type, size_bytes, sha256, by, at, is_ready, message_id}`; its bytes
are the file of the same `_id` in GridFS.

An issue that is snoozed has the status on_hold and `wake_at`, when it is opened again.

`support_canned`: `{title, word, text, tags, owner_id}`, `support_macros`: `{name, status, priority,
assignee, add_tags, remove_tags, snooze_h, text, is_note}`, `support_rules`: `{name, position,
is_active, when: {source, priority, tag, plan, project_type, words}, people, tags, priority}`; each
with `revision`, `by` and `updated_at`. `owner_id` is "" for what everybody uses.

`support_people`: `{away_since}` of staff who are away, by the id of their account.

`saved_views`: `{name, query, owner_id, is_shared, created_at, revision, deleted_at}`, views of the
inbox; `query` is its address without a page.

`support_drafts`: `{issue_id, staff_id, kind, text, attachment_ids, is_discarded, at, revision}`,
one for each person, issue and kind. `support_presence`: `{issue_id, actor, is_writing, at}`, one
for each open tab.
"""

from typing import Any

from gridfs import GridFSBucket
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo
from devora_admin.core.listing.indexes import words_of

ISSUES = "support_issues"
VIEWS = "saved_views"
MESSAGES = "support_messages"
ATTACHMENTS = "support_attachments"
COUNTERS = "support_counters"
_BUCKET = "support_files"
FILES, CHUNKS = f"{_BUCKET}.files", f"{_BUCKET}.chunks"
_CHUNK_BYTES = 1024 * 1024

# The number tells those of one moment apart, in a fourth of the bytes of an id.
_LATEST_FIRST = [("updated_at", DESCENDING), ("number", DESCENDING)]
_MOST_URGENT_FIRST = [("urgency", DESCENDING), ("number", DESCENDING)]

mongo.declare_indexes(
    ISSUES,
    [
        IndexModel([("id", ASCENDING)], name="id", unique=True),
        IndexModel([("number", ASCENDING)], name="number", unique=True),
        # The inbox in its two orders (queries.inbox): what is equal stands first, then the order.
        IndexModel([("status", ASCENDING), *_LATEST_FIRST], name="status_updated"),
        IndexModel([("status", ASCENDING), *_MOST_URGENT_FIRST], name="status_urgency"),
        IndexModel(
            [("assignee_id", ASCENDING), ("status", ASCENDING), *_LATEST_FIRST],
            name="assignee_updated",
        ),
        IndexModel(
            [("assignee_id", ASCENDING), ("status", ASCENDING), *_MOST_URGENT_FIRST],
            name="assignee_urgency",
        ),
        IndexModel(
            [("tags", ASCENDING), ("status", ASCENDING), *_LATEST_FIRST], name="tag_updated"
        ),
        IndexModel(
            [("tags", ASCENDING), ("status", ASCENDING), *_MOST_URGENT_FIRST], name="tag_urgency"
        ),
        # Of a customer and of a project; the first is also how a merge and an erasure find them.
        IndexModel([("user_id", ASCENDING), *_LATEST_FIRST], name="customer"),
        IndexModel([("project_id", ASCENDING), *_LATEST_FIRST], name="project"),
        IndexModel([("watchers", ASCENDING), *_LATEST_FIRST], name="watcher"),
        # What was changed lately, also by what leaves the order alone (queries.fresh).
        IndexModel([("changed_at", DESCENDING)], name="changed"),
        # What is said in issues (context.by_words): the one such index a collection can have.
        words_of("subject", "first.text", "latest.text", "resolution.text"),
        IndexModel([("links.number", ASCENDING)], name="links", sparse=True),
        # What was promised (sla.stamping): what is due next, what is to be told of it, and what a
        # change of the promise has to reckon anew.
        *(
            IndexModel(
                [(field, ASCENDING), ("number", ASCENDING)],
                name=name,
                partialFilterExpression={field: {"$exists": True}},
            )
            for name, field in (
                ("due", "due_at"),
                ("sla_tell", "sla.tell_at"),
                ("sla_policy", "sla.policy"),
            )
        ),
        # What is snoozed, the first to wake first.
        IndexModel(
            [("wake_at", ASCENDING), ("number", ASCENDING)],
            name="wake",
            partialFilterExpression={"wake_at": {"$exists": True}},
        ),
        # What happened within a time (queries.happened), for reports and the lists behind them.
        IndexModel([("created_at", ASCENDING), ("number", ASCENDING)], name="opened"),
        *(
            IndexModel(
                [(field, ASCENDING), ("number", ASCENDING)],
                name=name,
                partialFilterExpression={field: {"$exists": True}},
            )
            for name, field in (
                ("resolved", "resolved_at"),
                ("first_breached", "sla.first_breached_at"),
                ("resolution_breached", "sla.resolution_breached_at"),
            )
        ),
        IndexModel(
            [("source.fingerprint", ASCENDING)],
            name="fingerprint",
            unique=True,  # what found the same again opens no second issue
            partialFilterExpression={"source.fingerprint": {"$exists": True}},
        ),
        # Where few are asked for: by how they came about, and by when.
        IndexModel(
            [("source.kind", ASCENDING), ("status", ASCENDING), *_LATEST_FIRST],
            name="source_updated",
        ),
    ],
)
mongo.declare_indexes(
    MESSAGES,
    [
        IndexModel([("issue_id", ASCENDING), ("sequence", ASCENDING)], name="thread", unique=True),
        IndexModel([("moved.merge", ASCENDING)], name="merge", sparse=True),
        words_of("text"),
    ],
    compressor="zstd",
)
mongo.declare_indexes(
    ATTACHMENTS,
    [
        IndexModel([("message_id", ASCENDING)], name="message"),
        # What nobody sent, for the chore.
        IndexModel(
            [("at", ASCENDING)], name="unsent", partialFilterExpression={"message_id": None}
        ),
    ],
)
mongo.declare_indexes(COUNTERS, [])
# Saved views of the inbox: one's own and the team's.
mongo.declare_indexes(
    VIEWS,
    [
        IndexModel([("owner_id", ASCENDING), ("name", ASCENDING)], name="owner"),
        IndexModel([("is_shared", ASCENDING), ("name", ASCENDING)], name="shared"),
        # A deleted one can be put back for a day.
        IndexModel([("deleted_at", ASCENDING)], name="deleted", expireAfterSeconds=24 * 3600),
    ],
)

# The page of an issue: what somebody has begun to write, and who has it open.
DRAFTS = "support_drafts"
PRESENCE = "support_presence"
mongo.declare_indexes(
    DRAFTS,
    [
        IndexModel([("issue_id", ASCENDING)], name="issue"),
        IndexModel([("attachment_ids", ASCENDING)], name="files"),
    ],
)
mongo.declare_indexes(
    PRESENCE,
    [
        IndexModel([("issue_id", ASCENDING), ("at", DESCENDING)], name="issue_at"),
        IndexModel([("at", ASCENDING)], name="ttl", expireAfterSeconds=120),
    ],
)

# The names and keys GridFS itself gives its indexes.
mongo.declare_indexes(
    FILES, [IndexModel([("filename", ASCENDING), ("uploadDate", ASCENDING)],
                       name="filename_1_uploadDate_1")],
)  # fmt: skip
mongo.declare_indexes(
    CHUNKS,
    [IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], name="files_id_1_n_1", unique=True)],
)


def issues() -> Collection[dict[str, Any]]:
    return mongo.database()[ISSUES]


def messages() -> Collection[dict[str, Any]]:
    return mongo.database()[MESSAGES]


def saved_views() -> Collection[dict[str, Any]]:
    return mongo.database()[VIEWS]


def attachments() -> Collection[dict[str, Any]]:
    return mongo.database()[ATTACHMENTS]


def drafts() -> Collection[dict[str, Any]]:
    return mongo.database()[DRAFTS]


def presence() -> Collection[dict[str, Any]]:
    return mongo.database()[PRESENCE]


def files() -> GridFSBucket:
    return GridFSBucket(mongo.database(), _BUCKET, chunk_size_bytes=_CHUNK_BYTES)


# What makes work on issues quick: canned replies, macros, rules and who is away.
CANNED, MACROS = "support_canned", "support_macros"
RULES, PEOPLE = "support_rules", "support_people"

mongo.declare_indexes(
    CANNED,
    [
        IndexModel([("owner_id", ASCENDING), ("title", ASCENDING)], name="owner_title"),
        IndexModel(
            [("owner_id", ASCENDING), ("word", ASCENDING)],
            name="owner_word",
            unique=True,
            partialFilterExpression={"word": {"$gt": ""}},
        ),
    ],
)
mongo.declare_indexes(MACROS, [IndexModel([("name", ASCENDING)], name="name", unique=True)])
mongo.declare_indexes(
    RULES,
    [
        IndexModel([("position", ASCENDING)], name="position"),
        IndexModel([("name", ASCENDING)], name="name", unique=True),
    ],
)
mongo.declare_indexes(PEOPLE, [])


def canned() -> Collection[dict[str, Any]]:
    return mongo.database()[CANNED]


def macros() -> Collection[dict[str, Any]]:
    return mongo.database()[MACROS]


def rules() -> Collection[dict[str, Any]]:
    return mongo.database()[RULES]


def people() -> Collection[dict[str, Any]]:
    return mongo.database()[PEOPLE]
