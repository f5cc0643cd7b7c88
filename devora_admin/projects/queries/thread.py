"""A project's conversation as one thread, wherever its messages are kept.

First what did not fit into the project (`conversation_archive`), then what the deprecated
collection `conversations` holds and was not moved yet, then `project.conversation_history`. Once
the old messages of a project were moved, whatever else turns up in the old collection was written
later, and comes last. So a message keeps its number, counted from 0 over all of them, when it is
moved; and only what the platform adds to the old collection changes an offset.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.projects.documents import ARCHIVE, MOVES, archive, projects
from devora_admin.projects.queries.typed import array

Pipeline = list[dict[str, Any]]
_OLD = "conversations"


@dataclass(frozen=True, slots=True)
class Layout:
    """How many messages of a thread are kept where."""

    archived: int
    old: int
    """Not moved yet."""
    is_moved: bool
    """Whether old messages were moved before, so that those left come last."""
    history: int

    @property
    def offset(self) -> int:
        """Messages before the first of `conversation_history`."""
        return self.archived + (0 if self.is_moved else self.old)

    @property
    def length(self) -> int:
        return self.archived + self.old + self.history


def length(project_id: str) -> int:
    """How many messages the whole thread has. Raises NotFound."""
    with mongo.one_moment() as session:
        return _layout(project_id, session).length


def offset_of(project_id: str) -> int:
    """How many messages come before `conversation_history[0]`."""
    return offsets([project_id])[project_id]


def offsets(project_ids: Collection[str]) -> dict[str, int]:
    """`offset_of` for each of these, in one round trip. An unknown project's is 0."""
    theirs = {"$match": {"project_id": {"$in": sorted(project_ids)}}}
    unmoved = [
        theirs,
        *_looked_up(MOVES, "project_id", [{"$limit": 1}], field="project_id", into="before"),
        {"$match": {"before": []}},
        {"$project": {"project_id": 1, "count": {"$size": array("$messages")}}},
    ]
    pipeline: Pipeline = [
        theirs,
        {"$project": {"project_id": 1, "count": 1}},
        {"$unionWith": {"coll": _OLD, "pipeline": unmoved}},
        {"$group": {"_id": "$project_id", "count": {"$sum": "$count"}}},
    ]
    with mongo.one_moment() as session:
        found = {
            row["_id"]: row["count"]
            for row in archive().aggregate(pipeline, session=session)
            if raw_bson.is_text(row["_id"])
        }
    return {project_id: found.get(project_id, 0) for project_id in project_ids}


def whole(project_id: str, *, session: ClientSession) -> list[Any]:
    """All messages in their order at the moment of `session`. Raises NotFound."""
    layout = _layout(project_id, session)
    return window(project_id, layout, 0, layout.length, session=session)


def messages(project_id: str, start: int, count: int) -> list[Any]:
    """Up to `count` messages from number `start` on, as stored, malformed ones too.

    Two round trips. Raises NotFound for an unknown project.
    """
    with mongo.one_moment() as session:
        layout = _layout(project_id, session)
        return window(project_id, layout, start, start + count, session=session)


def window(
    project_id: str, layout: Layout, start: int, end: int, *, session: ClientSession
) -> list[Any]:
    """Messages from `start` to before `end` in one round trip, and no others leave the store.

    session: the one the layout was read with, `mongo.one_moment`.
    """
    parts = _parts(project_id, layout, max(0, start), min(end, layout.length))
    if not parts:
        return []
    (collection, pipeline), *others = parts
    whole = [*pipeline, {"$set": {"part": {"$literal": 0}}}]
    for number, (other, steps) in enumerate(others, start=1):
        tagged = [*steps, {"$set": {"part": {"$literal": number}}}]
        whole.append({"$unionWith": {"coll": other, "pipeline": tagged}})
    found = list(_lenient(collection).aggregate(whole, session=session))
    # $unionWith promises no order among its parts.
    return [row.get("message") for row in sorted(found, key=lambda row: row["part"])]


def every(project_id: str) -> Iterator[Any]:
    """All messages in their order, as a stream. Raises NotFound."""
    with mongo.one_moment() as session:
        layout = _layout(project_id, session)
        for collection, pipeline in _parts(project_id, layout, 0, layout.length):
            for row in _lenient(collection).aggregate(pipeline, session=session):
                yield row.get("message")


def layout_of(found: dict[str, Any], history: int) -> Layout:
    """From what `lookups` found."""
    archived, old = (sum(row["count"] for row in found[key]) for key in ("archived", "old"))
    return Layout(archived, old, bool(found["moves"]), history)


def lookups() -> Pipeline:
    """Stages that find the layout of a thread, for documents that have the project's `id`."""
    count: Pipeline = [{"$group": {"_id": None, "count": {"$sum": "$count"}}}]
    sizes = {"$project": {"count": {"$size": _rest()}}}
    return [
        *_looked_up(ARCHIVE, "project_id", count, field="id", into="archived"),
        *_looked_up(_OLD, "project_id", [*_moved(), sizes, *count], field="id", into="old"),
        *_looked_up(MOVES, "project_id", _FIRST, field="id", into="moves"),
    ]


_FIRST: Pipeline = [{"$limit": 1}, {"$project": {"_id": 1}}]


def _layout(project_id: str, session: ClientSession) -> Layout:
    pipeline: Pipeline = [
        {"$match": {"id": project_id}},
        {"$limit": 1},
        {"$project": {"id": 1, "history": {"$size": array("$conversation_history")}}},
        *lookups(),
    ]
    found = next(projects().aggregate(pipeline, session=session), None)
    if found is None:
        raise NotFound("project", project_id)
    return layout_of(found, found["history"])


def _parts(project_id: str, layout: Layout, start: int, end: int) -> list[tuple[str, Pipeline]]:
    """What to run on which collection, in the thread's order, for these numbers."""
    old = (_OLD, layout.old, _from_old)
    kept = [(ARCHIVE, layout.archived, _from_archive), ("projects", layout.history, _from_history)]
    kept.insert(2 if layout.is_moved else 1, old)
    found, first = [], 0
    for collection, count, read in kept:
        begin, until = max(start - first, 0), min(end - first, count)
        if begin < until:
            found.append((collection, read(project_id, begin, until)))
        first += count
    return found


def _from_archive(project_id: str, begin: int, end: int) -> Pipeline:
    skipped = {"$max": [0, {"$subtract": [begin, "$first"]}]}
    until = {"$min": [end, {"$add": ["$first", "$count"]}]}
    wanted = {"$subtract": [until, {"$add": ["$first", skipped]}]}
    return [
        {"$match": {"project_id": project_id, "first": {"$lt": end}}},
        {"$match": {"$expr": {"$gt": [{"$add": ["$first", "$count"]}, begin]}}},
        {"$sort": {"first": 1}},
        {"$project": {"_id": 0, "message": {"$slice": ["$messages", skipped, wanted]}}},
        {"$unwind": "$message"},
    ]


def _from_old(project_id: str, begin: int, end: int) -> Pipeline:
    return [
        {"$match": {"project_id": project_id}},
        {"$sort": {"_id": 1}},
        *_moved(),
        {"$project": {"_id": 0, "message": _rest()}},
        {"$unwind": "$message"},
        {"$skip": begin},
        {"$limit": end - begin},
    ]


def _from_history(project_id: str, begin: int, end: int) -> Pipeline:
    history = {"$slice": [array("$conversation_history"), begin, end - begin]}
    return [
        {"$match": {"id": project_id}},
        {"$limit": 1},
        {"$project": {"_id": 0, "message": history}},
        {"$unwind": "$message"},
    ]


def _moved() -> Pipeline:
    """Adds to old documents what became of them."""
    return _looked_up(MOVES, "_id", [{"$project": {"count": 1}}], field="_id", into="moved")


def _rest() -> dict[str, Any]:
    """The messages of an old document that were not moved."""
    stored, moved = array("$messages"), {"$ifNull": [{"$first": "$moved.count"}, 0]}
    return {"$slice": [stored, moved, {"$add": [{"$size": stored}, 1]}]}


def _looked_up(source: str, key: str, then: Pipeline, *, field: str, into: str) -> Pipeline:
    lookup = {"from": source, "localField": field, "foreignField": key, "pipeline": then}
    return [{"$lookup": {**lookup, "as": into}}]


def _lenient(name: str) -> Any:
    return mongo.database().get_collection(name, codec_options=raw_bson.LENIENT)
