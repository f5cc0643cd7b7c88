"""The projects of one customer, newest first, by the platform's index."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING

from devora_admin.core import raw_bson
from devora_admin.projects.documents import shown_name

PROJECTS = "projects"
SHOWN = 8
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class CustomerProject:
    id: str
    name: str
    project_type: str
    created_at: datetime | None
    updated_at: datetime | None
    is_archived: bool


@dataclass(frozen=True, slots=True)
class CustomerProjects:
    rows: tuple[CustomerProject, ...]
    count: int
    """All of them, archived ones too, but no more than MOST_COUNTED + 1."""

    @property
    def is_count_capped(self) -> bool:
        return self.count > MOST_COUNTED


_FIELDS = {"_id": 0, "id": 1, "name": 1, "project_type": 1, "created_at": 1, "updated_at": 1,
           "archived_at": 1}  # fmt: skip


def newest_stages(user_id: str) -> list[dict[str, Any]]:
    """Reads the projects of one customer, for `newest_of`."""
    return [
        {"$match": {"user_id": user_id}},
        {"$sort": {"created_at": DESCENDING}},
        {"$limit": SHOWN},
        {"$project": _FIELDS},
        {"$unionWith": {"coll": PROJECTS, "pipeline": counted(user_id)}},
    ]


def counted(user_id: str) -> list[dict[str, Any]]:
    """The stages of one row `{count}`, of none without a project."""
    return [{"$match": {"user_id": user_id}}, {"$limit": MOST_COUNTED + 1}, {"$count": "count"}]


def newest_of(rows: list[Mapping[str, Any]]) -> CustomerProjects:
    shown = tuple(_row(each) for each in rows if "count" not in each)
    return CustomerProjects(shown, sum(each.get("count", 0) for each in rows))


def _row(found: Mapping[str, Any]) -> CustomerProject:
    def text(key: str) -> str:
        value = found.get(key)
        return str(value)[:200] if raw_bson.is_text(value) else ""

    def date(key: str) -> datetime | None:
        value = found.get(key)
        return value if isinstance(value, datetime) else None

    return CustomerProject(
        id=text("id"),
        name=shown_name(text("name")),
        project_type=text("project_type"),
        created_at=date("created_at"),
        updated_at=date("updated_at"),
        is_archived=found.get("archived_at") is not None,
    )
