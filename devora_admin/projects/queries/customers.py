"""The projects of one customer, newest first, by the platform's index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING

from devora_admin.core import raw_bson
from devora_admin.projects.documents import projects, shown_name

SHOWN = 50


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
    has_more: bool


_FIELDS = {"_id": 0, "id": 1, "name": 1, "project_type": 1, "created_at": 1, "updated_at": 1,
           "archived_at": 1}  # fmt: skip


def customer_projects(user_id: str) -> CustomerProjects:
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    found = collection.find({"user_id": user_id}, _FIELDS).sort("created_at", DESCENDING)
    rows = [_row(each) for each in found.limit(SHOWN + 1)]
    return CustomerProjects(tuple(rows[:SHOWN]), has_more=len(rows) > SHOWN)


def _row(found: dict[str, Any]) -> CustomerProject:
    def text(key: str) -> str:
        value = found.get(key)
        return value[:200] if isinstance(value, str) else ""

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
