"""What is kept of projects over time. Field names are short: a manifest repeats them per file.

`file_blobs`: `{_id: sha256, data: zstd, size, used_at}`; each content once, for all projects.

`project_versions`: sealed versions, which never change but for their name:
`{project_id, user_id, number, revision, author, why, name, named_by, named_at, opened_at,
changed_at, sealed_at, saves, turns, files: [entry], metadata: sha256, refs: [sha256],
changes: [{p, f, st, a, r}], totals}`. `number` counts from 1 in each project and is never used
again. `turns` is the length of the thread when the version last changed.

`project_heads`: one per project, with its `_id`: what the worker knows of it now (`state`), the
open version (`open`, a burst that is not sealed yet), and contents that are in no blob yet.

An entry of a manifest: `{p: path, h: sha256, s: size, l: language, x: sha256 of its other fields,
k: "raw" when it is no plain text file}`.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from devora_admin.core import mongo

BLOBS = "file_blobs"
VERSIONS = "project_versions"
HEADS = "project_heads"

# Manifests of one project are alike, which block compression makes use of.
mongo.declare_indexes(BLOBS, [], compressor="zstd")
mongo.declare_indexes(
    VERSIONS,
    [
        IndexModel([("project_id", ASCENDING), ("number", DESCENDING)], name="number", unique=True),
        # The history of one file.
        IndexModel(
            [("project_id", ASCENDING), ("changes.p", ASCENDING), ("number", DESCENDING)],
            name="file",
        ),
        IndexModel(
            [("project_id", ASCENDING), ("author.kind", ASCENDING), ("number", DESCENDING)],
            name="author",
        ),
        # Which version a turn made.
        IndexModel(
            [("project_id", ASCENDING), ("author.turn", ASCENDING)],
            name="turn",
            partialFilterExpression={"author.turn": {"$exists": True}},
        ),
        # All versions of a project at a glance, from the index alone.
        IndexModel(
            [
                ("project_id", ASCENDING),
                ("number", DESCENDING),
                ("turns", ASCENDING),
                ("author.turn", ASCENDING),
                ("totals.files", ASCENDING),
                ("totals.added", ASCENDING),
                ("totals.removed", ASCENDING),
            ],
            name="glance",
        ),
        # Whether a blob is still needed; what pruning walks; whose they are.
        IndexModel([("refs", ASCENDING)], name="refs"),
        IndexModel([("sealed_at", ASCENDING)], name="sealed_at"),
        IndexModel([("user_id", ASCENDING)], name="user_id"),
    ],
    compressor="zstd",
)
mongo.declare_indexes(
    HEADS,
    [
        IndexModel([("project_id", ASCENDING)], name="project_id", unique=True),
        IndexModel([("refs", ASCENDING)], name="refs"),
        IndexModel([("open.changed_at", ASCENDING)], name="open", sparse=True),
        IndexModel([("deleted_at", ASCENDING)], name="deleted_at", sparse=True),
        IndexModel([("user_id", ASCENDING)], name="user_id"),
    ],
    compressor="zstd",
)


def blobs() -> Collection[dict[str, Any]]:
    return mongo.database()[BLOBS]


def versions() -> Collection[dict[str, Any]]:
    return mongo.database()[VERSIONS]


def heads() -> Collection[dict[str, Any]]:
    return mongo.database()[HEADS]
