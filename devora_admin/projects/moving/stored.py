"""What is stored of some projects' conversations, as bytes, before anything is moved."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import ARRAY, DOCUMENT, Element
from devora_admin.projects.documents import archive, conversations, moves, projects

_KNOWN = ("_id", "user_id", "project_id", "messages")
_NULL = 0x0A


@dataclass(frozen=True, slots=True)
class OldDocument:
    """Of the deprecated collection."""

    key: Element
    user_id: Element | None
    messages: tuple[Element, ...] | None
    """None when they are no list."""
    rest: bytes
    """A document of its other fields."""
    size_bytes: int
    moved: int | None
    """How many of its messages were moved before; None when it never was."""

    @property
    def left(self) -> tuple[Element, ...]:
        return (self.messages or ())[self.moved or 0 :]


@dataclass(frozen=True, slots=True)
class StoredProject:
    key: Element
    id: str
    user_id: Element | None
    size_bytes: int
    history_type: str
    history: int
    """Messages of its own."""
    archived: int
    parts: int
    """Of the archive."""


@dataclass(frozen=True, slots=True)
class Stored:
    projects: dict[str, list[StoredProject]]
    old: dict[str, list[OldDocument]]
    """In the order of `_id`."""
    moved: frozenset[str]
    """Projects from whose old documents something was moved before."""


def read(project_ids: Sequence[str], *, session: ClientSession) -> Stored:
    wanted = {"$in": list(project_ids)}
    records = moves().with_options(codec_options=raw_bson.RAW)
    shown = {"project_id": 1, "count": 1}
    rows = [parts_of(row) for row in records.find({"project_id": wanted}, shown, session=session)]
    moved = {row["_id"].value: int(row["count"].decoded()) for row in rows}
    return Stored(
        _projects(wanted, session),
        _old(wanted, moved, session),
        frozenset(row["project_id"].decoded() for row in rows),
    )


def history_of(project: StoredProject, *, session: ClientSession) -> list[Element]:
    stored = projects().with_options(codec_options=raw_bson.RAW)
    this = raw_bson.document(_id=project.key)
    found: Any = stored.find_one(this, {"conversation_history": 1}, session=session)
    return raw_bson.elements(parts_of(found)["conversation_history"].data)


def one_of(keys: list[Element]) -> Element:
    """A condition."""
    among = Element(ARRAY, "$in", raw_bson.build_array(keys))
    return Element(DOCUMENT, "", raw_bson.build([among]))


def parts_of(found: Any) -> dict[str, Element]:
    return {part.name: part for part in raw_bson.elements(bytes(found.raw))}


def old_document(found: Any, moved: int | None) -> OldDocument:
    parts = parts_of(found)
    messages, user = parts.get("messages"), parts.get("user_id")
    is_list = messages is not None and messages.kind == ARRAY
    return OldDocument(
        key=parts["_id"],
        user_id=None if user is None or user.kind == _NULL else user,
        messages=tuple(raw_bson.elements(messages.data)) if messages and is_list else None,
        rest=raw_bson.build(part for part in parts.values() if part.name not in _KNOWN),
        size_bytes=len(found.raw),
        moved=moved,
    )


def _projects(wanted: dict[str, Any], session: ClientSession) -> dict[str, list[StoredProject]]:
    history = "$conversation_history"
    pipeline: list[dict[str, Any]] = [
        {"$match": {"id": wanted}},
        {"$project": {
            "id": 1, "user_id": 1, "size": {"$bsonSize": "$$ROOT"}, "kind": {"$type": history},
            "count": {"$cond": [{"$isArray": history}, {"$size": history}, 0]},
        }},
    ]  # fmt: skip
    stored = projects().with_options(codec_options=raw_bson.RAW)
    sizes = _archived(wanted, session)
    found = defaultdict(list)
    for row in stored.aggregate(pipeline, session=session):
        parts = parts_of(row)
        project_id = parts["id"].decoded()
        if raw_bson.is_text(project_id):
            one = _project(parts, project_id, *sizes.get(project_id, (0, 0)))
            found[project_id].append(one)
    return found


def _project(
    parts: dict[str, Element], project_id: str, archived: int, archive_parts: int
) -> StoredProject:
    return StoredProject(
        key=parts["_id"],
        id=project_id,
        user_id=parts.get("user_id"),
        size_bytes=int(parts["size"].decoded()),
        history_type=str(parts["kind"].decoded()),
        history=int(parts["count"].decoded()),
        archived=archived,
        parts=archive_parts,
    )


def _archived(wanted: dict[str, Any], session: ClientSession) -> dict[str, tuple[int, int]]:
    """Messages and parts, by project."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"project_id": wanted}},
        {"$group": {"_id": "$project_id", "count": {"$sum": "$count"}, "part": {"$max": "$part"}}},
        {"$project": {"count": 1, "parts": {"$add": ["$part", 1]}}},
    ]
    rows = archive().aggregate(pipeline, session=session)
    return {
        row["_id"]: (row["count"], row["parts"]) for row in rows if raw_bson.is_text(row["_id"])
    }


def _old(
    wanted: dict[str, Any], moved: dict[bytes, int], session: ClientSession
) -> dict[str, list[OldDocument]]:
    stored = conversations().with_options(codec_options=raw_bson.RAW)
    found = defaultdict(list)
    row: Any
    for row in stored.find({"project_id": wanted}, session=session).sort("_id"):
        parts = parts_of(row)
        project_id = parts["project_id"].decoded()
        if raw_bson.is_text(project_id):
            found[project_id].append(old_document(row, moved.get(parts["_id"].value)))
    return found
