"""Walks through the deprecated collection, project by project, some at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pymongo
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.projects.documents import MOVES, conversations, moves
from devora_admin.projects.moving.stored import parts_of

TIMEOUT_S = 60.0
_PAGE = 500
_AT_ONCE = 100
_AT_ONCE_BYTES = 4 * 1024 * 1024
_NAMED = {"$expr": {"$eq": [{"$type": "$project_id"}, "string"]}}
_UNNAMED = {"$expr": {"$ne": [{"$type": "$project_id"}, "string"]}}
_FROM_THE_START = raw_bson.element("")


@dataclass(frozen=True, slots=True)
class Batch:
    project_ids: tuple[str, ...]
    seen: int
    """Documents passed on the way here, those with nothing to do among them."""


@dataclass(frozen=True, slots=True)
class _Project:
    id: Element
    documents: int
    todo_bytes: int | None
    """None when there is nothing to do."""


def to_move() -> Iterator[Batch]:
    """Projects with old messages that were not moved, or that nobody could move."""
    return _batches(conversations(), _unmoved())


def to_drop() -> Iterator[Batch]:
    """Projects with anything in the old collection."""
    return _batches(conversations(), [{"$set": {"todo": True}}])


def to_verify() -> Iterator[Batch]:
    """Projects with a move that was not verified. seen: such moves."""
    unsure = {"$eq": [{"$type": "$verified_at"}, "missing"]}
    return _batches(moves(), [{"$set": {"todo": unsure}}])


def without_project() -> tuple[int, list[Any]]:
    """How many old documents name no project, and the `_id` of some."""
    collection = conversations().with_options(codec_options=raw_bson.LENIENT)
    with pymongo.timeout(TIMEOUT_S):
        some = [row["_id"] for row in collection.find(_UNNAMED, {"_id": 1}).limit(5)]
        return collection.count_documents(_UNNAMED) if some else 0, some


def count(*, of_moves: bool = False) -> int:
    with pymongo.timeout(TIMEOUT_S):
        return (moves() if of_moves else conversations()).estimated_document_count()


def _unmoved() -> list[dict[str, Any]]:
    stored, moved = "$messages", {"$ifNull": [{"$first": "$moved.count"}, -1]}
    lookup = {
        "from": MOVES, "localField": "_id", "foreignField": "_id", "as": "moved",
        "pipeline": [{"$project": {"count": 1}}],
    }  # fmt: skip
    more = {"$cond": [{"$isArray": stored}, {"$gt": [{"$size": stored}, moved]}, True]}
    return [{"$lookup": lookup}, {"$set": {"todo": more}}]


def _batches(collection: Collection[Any], judged: list[dict[str, Any]]) -> Iterator[Batch]:
    ids: list[str] = []
    seen = size = 0
    for found in _projects(collection, judged):
        project_id = found.id.decoded()
        # Text that is no UTF-8 is read as something else, and would find another project.
        is_sound = raw_bson.element(project_id).value == found.id.value
        if found.todo_bytes is not None and is_sound:
            if ids and (size + found.todo_bytes > _AT_ONCE_BYTES or len(ids) == _AT_ONCE):
                yield Batch(tuple(ids), seen)
                ids, size, seen = [], 0, 0
            ids.append(project_id)
            size += found.todo_bytes
        seen += found.documents
    yield Batch(tuple(ids), seen)


def _projects(collection: Collection[Any], judged: list[dict[str, Any]]) -> Iterator[_Project]:
    last: Element | None = None
    while page := _page(collection, judged, last):
        by_project: dict[bytes, list[dict[str, Element]]] = {}
        for row in page:
            by_project.setdefault(row["project_id"].value, []).append(row)
        is_full, is_one = len(page) == _PAGE, len(by_project) == 1
        if is_full and not is_one:
            by_project.popitem()  # may go on on the next page
        for rows in by_project.values():
            last = rows[0]["project_id"]
            sizes = [int(row["size"].decoded()) for row in rows if row["todo"].decoded()]
            has_todo = sizes or (is_full and is_one)  # of so many, not all were looked at
            yield _Project(last, len(rows), sum(sizes) if has_todo else None)


def _page(
    collection: Collection[Any], judged: list[dict[str, Any]], after: Element | None
) -> list[dict[str, Element]]:
    bound = (after or _FROM_THE_START).named("$gt" if after else "$gte")
    of_text = RawBSONDocument(
        raw_bson.build([Element(DOCUMENT, "project_id", raw_bson.build([bound]))])
    )
    pipeline: list[Any] = [
        {"$match": of_text},
        {"$match": _NAMED},
        {"$sort": {"project_id": 1}},
        {"$limit": _PAGE},
        {"$set": {"size": {"$bsonSize": "$$ROOT"}}},
        *judged,
        {"$project": {"_id": 0, "project_id": 1, "size": 1, "todo": 1}},
    ]
    with pymongo.timeout(TIMEOUT_S):
        rows = collection.with_options(codec_options=raw_bson.RAW).aggregate(pipeline)
        return [parts_of(row) for row in rows]
