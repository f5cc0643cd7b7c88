"""Projects as they were at one moment of the store's history, which goes back five minutes; later
than that, as they are now. Either way the moment is told, and changes up to it are in it already.
"""

from dataclasses import dataclass
from typing import Any

from bson import Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure

from devora_admin.core import mongo, raw_bson
from devora_admin.core.raw_bson import Element
from devora_admin.versions.recording.state import parts_of as parts_of
from devora_admin.versions.recording.told import HISTORY, length_and_role

_GONE_BY = {239, 246}  # SnapshotTooOld, SnapshotUnavailable
_READ: dict[str, Any] = {
    **dict.fromkeys(
        ("id", "user_id", "files", "metadata", "revision", "edited_by", "created_at", "updated_at"),
        1,
    ),
    HISTORY: length_and_role(f"${HISTORY}"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A project, conversation apart."""

    key: Any
    parts: dict[str, Element]
    as_of: Timestamp | None = None
    """The moment it was read of; None for what came with the stream."""

    def value(self, name: str) -> Any:
        part = self.parts.get(name)
        return part.decoded() if part else None

    def text(self, name: str) -> str:
        value = self.value(name)
        return value if raw_bson.is_text(value) else ""


def seen(document: RawBSONDocument, as_of: Timestamp | None = None) -> Seen:
    parts = parts_of(document.raw)
    return Seen(parts["_id"].decoded(), parts, as_of)


def project_at(key: Any, moment: Timestamp | None) -> Seen | None:
    """None when there is no such project (then, or now if then is too long ago)."""
    found, as_of = _find({"filter": {"_id": key}, "limit": 1}, moment)
    return seen(found[0], as_of) if found else None


def projects_after(key: Any, *, limit: int) -> list[Seen]:
    """In the order of `_id`, whatever types those have. key: of the last one, None to begin.

    At most 16 MB at once, but one at least; an empty list is the end.
    """
    command: dict[str, Any] = {"filter": {}, "sort": {"_id": 1}, "limit": limit}
    if key is not None:
        # Not skipped by count: the last one may be gone, and the next would be passed over.
        command |= {"filter": {"_id": {"$ne": key}}, "min": {"_id": key}, "hint": {"_id": 1}}
    found, as_of = _find(command, None)
    return [seen(document, as_of) for document in found]


def _find(
    command: dict[str, Any], moment: Timestamp | None
) -> tuple[list[RawBSONDocument], Timestamp]:
    concern: dict[str, Any] = {"level": "snapshot"}
    if moment is not None:
        concern["atClusterTime"] = moment
    full = {
        "find": "projects", **command, "projection": _READ, "singleBatch": True,
        "readConcern": concern,
    }  # fmt: skip
    try:
        reply: Any = mongo.database().command(full, codec_options=raw_bson.RAW)
    except OperationFailure as error:
        if moment is None or error.code not in _GONE_BY:
            raise
        return _find(command, None)
    cursor = reply["cursor"]
    # While there is no such collection, there is no moment either.
    return list(cursor["firstBatch"]), cursor.get("atClusterTime", Timestamp(0, 0))
