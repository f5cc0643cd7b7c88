"""Segments, made, renamed and deleted: one's own, and everybody's by who manages analytics."""

from typing import Any

import pymongo

from devora_admin.analytics.segments.documents import members, segments
from devora_admin.analytics.segments.groups import FIELDS, GROUPS, NAME
from devora_admin.core import clock
from devora_admin.core.errors import Forbidden, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import keeping
from devora_admin.staff.audit import Actor
from devora_admin.staff.keeping import Kept, Kind, Row
from devora_admin.staff.permissions import ROLES
from devora_admin.users.services import texts

MAX_NAME = 80
MOST = 200
"""Segments of one person, and of everybody."""
WORK, SHARE = "issues.work", "analytics.manage"
CHORE, EVERY_S = "look for members of deleted segments", 3600.0
_AT_ONCE = 1000
_PATIENCE_S = 20.0


def _guard(row: Row, actor: Actor) -> None:
    if not row["owner_id"] and SHARE not in ROLES.get(actor.role, ()):
        raise Forbidden("Only who manages analytics may change what everybody sees.")
    if row["owner_id"] not in ("", actor.id):
        raise NotFound("segment", str(row.get("_id", "")))


KIND = Kind(
    "segment", "segment", segments, "name", _guard,
    unique="name", taken="Another segment has this name. Choose another one.",
)  # fmt: skip


def create(of: str, key: str, name: str, *, is_fixed: bool, is_shared: bool, actor: Actor) -> Kept:
    """of: customers or projects. key: of a group of these. Raises InvalidInput, Forbidden."""
    if of not in GROUPS:
        raise InvalidInput("Choose customers or projects.", field="of")
    if key.startswith(f"{NAME}:"):
        raise InvalidInput("This is a segment already.", field="name")
    GROUPS[of].label(key)
    values: Row = {
        "name": texts.name(name, limit=MAX_NAME), "of": of, "key": key, "places": "", "count": 0,
        "owner_id": "" if is_shared else actor.id,
    }  # fmt: skip
    _guard(values, actor)
    if segments().count_documents({"owner_id": values["owner_id"]}, limit=MOST) >= MOST:
        raise InvalidInput(f"There are {MOST} segments. Delete one first.", field="name")
    if is_fixed:
        values["places"] = new_id()
        values["count"] = _keep(of, key, values["places"])
    return keeping.create(KIND, values, actor=actor)


def edit(segment_id: str, name: str, *, is_shared: bool, revision: int, actor: Actor) -> Kept:
    """revision: the one the person saw. Raises NotFound, Conflict, InvalidInput, Forbidden."""
    values: Row = {
        "name": texts.name(name, limit=MAX_NAME),
        "owner_id": "" if is_shared else actor.id,
    }
    return keeping.edit(KIND, segment_id, values, revision=revision, actor=actor)


def delete(segment_id: str, *, revision: int, actor: Actor) -> Kept:
    """Its members stay for a month, so that it can be put back."""
    return keeping.delete(KIND, segment_id, revision=revision, actor=actor)


def mark_members() -> None:
    """Has the members of segments that are gone go, and those of the others stay."""
    there = segments().distinct("places", {"places": {"$ne": ""}})
    gone = {"places": {"$nin": there}, "gone_at": None}
    members().update_many(gone, {"$set": {"gone_at": clock.now()}})
    back = {"places": {"$in": there}, "gone_at": {"$ne": None}}
    members().update_many(back, {"$unset": {"gone_at": ""}})


def _keep(of: str, key: str, places: str) -> int:
    """The members as they are now, before there is a segment they belong to: without one they go
    again by themselves."""
    found = GROUPS[of].ids(key)
    field = FIELDS[of]
    rows: list[dict[str, Any]] = [{"places": places, field: each} for each in found]
    with pymongo.timeout(_PATIENCE_S):
        for at in range(0, len(rows), _AT_ONCE):
            members().insert_many(rows[at : at + _AT_ONCE], ordered=False)
    return len(rows)
