"""Copies of what there is about a customer: a row each, and the zip in GridFS.

In the database and not on a disk: the worker that makes a zip and the web server that hands it out
may be two machines.
"""

from gridfs import GridFSBucket
from pymongo import ASCENDING, DESCENDING, IndexModel

from devora_admin.core import mongo

EXPORTS = "customer_exports"
_BUCKET = "export_zips"
EXPORT_FILES, EXPORT_CHUNKS = f"{_BUCKET}.files", f"{_BUCKET}.chunks"
_CHUNK_BYTES = 1024 * 1024

mongo.declare_indexes(
    EXPORTS,
    [
        IndexModel([("customer_id", ASCENDING), ("asked_at", DESCENDING)], name="customer_asked"),
        IndexModel([("expires_at", ASCENDING)], name="expires_at"),
    ],
)
# The names and keys GridFS itself gives its indexes.
mongo.declare_indexes(
    EXPORT_FILES, [IndexModel([("filename", ASCENDING), ("uploadDate", ASCENDING)],
                              name="filename_1_uploadDate_1")],
)  # fmt: skip
mongo.declare_indexes(
    EXPORT_CHUNKS,
    [IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], name="files_id_1_n_1", unique=True)],
)


def zips() -> GridFSBucket:
    return GridFSBucket(mongo.database(), _BUCKET, chunk_size_bytes=_CHUNK_BYTES)
