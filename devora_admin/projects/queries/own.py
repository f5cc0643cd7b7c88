"""A customer's projects as the customer has them: what is archived is not there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.projects.documents import projects, shown_name

SHOWN = 200
_LIVE = {"archived_at": None}  # missing too


@dataclass(frozen=True, slots=True)
class OwnProject:
    id: str
    name: str
    project_type: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnProjects:
    rows: tuple[OwnProject, ...]
    has_more: bool


_FIELDS = {"_id": 0, "id": 1, "name": 1, "project_type": 1, "updated_at": 1}


def own_projects(user_id: str) -> OwnProjects:
    """The newest first. A document without an id cannot be opened, by the customer either."""
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    found = collection.find({"user_id": user_id, **_LIVE}, _FIELDS).sort("created_at", DESCENDING)
    rows = [_row(each) for each in found.limit(SHOWN + 1) if raw_bson.is_text(each.get("id"))]
    return OwnProjects(tuple(rows[:SHOWN]), has_more=len(rows) > SHOWN)


def owner_of(project_id: str) -> str | None:
    """The customer whose project it is; None when it is archived, unknown or nobody's."""
    found = projects().find_one({"id": project_id, **_LIVE}, {"user_id": 1})
    owner = found.get("user_id") if found else None
    return str(owner) if raw_bson.is_text(owner) else None


def check_owner(project_id: str, user_id: str) -> None:
    """Raises NotFound unless the customer has this project."""
    if owner_of(project_id) != user_id:
        raise NotFound("project", project_id)


def _row(found: dict[str, Any]) -> OwnProject:
    kind, updated = found.get("project_type"), found.get("updated_at")
    return OwnProject(
        id=found["id"],
        name=shown_name(found.get("name"))[:300],
        project_type=kind[:100] if isinstance(kind, str) else "",
        updated_at=updated if isinstance(updated, datetime) else None,
    )
