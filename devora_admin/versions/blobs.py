"""Contents by their SHA-256: compressed with zstd, stored once however many versions hold them.

A blob is written in the transaction of the version that needs it, and deleted in one that saw that
no version and no head does. Both write the blob, so MongoDB lets only one of them through, and
there is never a version without its contents.
"""

import threading
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pymongo
import zstandard
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.versions.documents import HEADS, VERSIONS, blobs
from devora_admin.versions.manifest import Sha

_LEVEL = 3
_AT_ONCE = 500
_PATIENCE_S = 60.0
_local = threading.local()

Packed = Mapping[Sha, tuple[bytes, int]]
"""By hash: the compressed content, and its size before."""


def packed(content: bytes) -> bytes:
    # A compressor serves one thread at a time.
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    data: bytes = _local.compressor.compress(content)
    return data


def unpacked(data: bytes) -> bytes:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    content: bytes = _local.decompressor.decompress(data)
    return content


def store(contents: Packed, session: ClientSession) -> None:
    if contents:
        blobs().bulk_write(_upserts(contents), session=session)


def store_ahead(contents: Packed) -> None:
    """For more than a transaction has time for. Within it comes `hold`."""
    with pymongo.timeout(_PATIENCE_S):
        blobs().bulk_write(_upserts(contents), ordered=False)


def hold(shas: Collection[Sha], session: ClientSession) -> None:
    """Raises Conflict when one is gone that was stored ahead: somebody dropped it as unused."""
    held = blobs().update_many(
        {"_id": {"$in": list(shas)}}, {"$set": {"used_at": clock.now()}}, session=session
    )
    if held.matched_count != len(shas):
        raise Conflict("Contents were removed just as they were needed again.")


def _upserts(contents: Packed) -> list[UpdateOne]:
    now = clock.now()
    return [
        UpdateOne(
            {"_id": sha},
            {"$setOnInsert": {"data": data, "size": size}, "$set": {"used_at": now}},
            upsert=True,
        )
        for sha, (data, size) in contents.items()
    ]


def load(wanted: Collection[Sha]) -> dict[Sha, bytes]:
    """One round trip and whatever the size of the answer adds; what is missing is left out."""
    if not wanted:
        return {}
    found = blobs().find({"_id": {"$in": list(wanted)}}, {"data": 1}).batch_size(10_000)
    return {row["_id"]: unpacked(row["data"]) for row in found}


def drop_unused(candidates: Collection[Sha], session: ClientSession) -> int:
    """Deletes those that no version and no head refers to; how many."""
    dropped = 0
    for some in _pieces(list(candidates)):
        pipeline: list[dict[str, Any]] = [
            {"$match": {"_id": {"$in": some}}},
            {"$project": {"_id": 1}},
            *_without_refs_from(VERSIONS),
            *_without_refs_from(HEADS),
        ]
        unused = [row["_id"] for row in blobs().aggregate(pipeline, session=session)]
        if unused:
            gone = blobs().delete_many({"_id": {"$in": unused}}, session=session)
            dropped += gone.deleted_count
    return dropped


def _without_refs_from(collection: str) -> list[dict[str, Any]]:
    one = [{"$limit": 1}, {"$project": {"_id": 1}}]
    return [
        {
            "$lookup": {
                "from": collection, "localField": "_id", "foreignField": "refs",
                "pipeline": one, "as": "held",
            }
        },
        {"$match": {"held": []}},
    ]  # fmt: skip


def _pieces(items: list[Sha]) -> Iterator[list[Sha]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
