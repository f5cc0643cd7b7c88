"""The list's filters, as MongoDB conditions."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from devora_admin.core.listing.conditions import exactly, within
from devora_admin.core.listing.spec import Condition, Walked
from devora_admin.projects.groups import PROJECTS

Archived = Literal["no", "yes", "any"]
Sort = Literal["updated_at", "created_at", "name"]
SORTS: tuple[Sort, ...] = ("updated_at", "created_at", "name")


@dataclass(frozen=True, slots=True)
class Filters:
    q: str = ""
    owner_id: str = ""
    project_type: str = ""
    language: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None
    archived: Archived = "no"
    group: str = ""
    """A key of projects.groups."""

    @property
    def any_set(self) -> bool:
        """Whether anything but the archive choice narrows the list."""
        return replace(self, archived="no") != Filters()


def filters_condition(filters: Filters) -> Condition:
    """All filters but the search text."""
    parts: list[Condition] = []
    if filters.archived == "no":
        parts.append({"archived_at": None})
    elif filters.archived == "yes":
        parts.append({"archived_at": {"$exists": True, "$ne": None}})
    if filters.owner_id:
        parts += [{"user_id": filters.owner_id}, {"user_id": exactly(filters.owner_id)}]
    if filters.project_type:
        parts.append({"project_type": filters.project_type})
    if filters.language:
        parts.append({"files.language": filters.language})
    parts.append(within("created_at", filters.created_from, filters.created_before))
    parts.append(within("updated_at", filters.updated_from, filters.updated_before))
    if filters.group:
        parts.append(PROJECTS.condition(filters.group))
    parts = [part for part in parts if part]
    return {"$and": parts} if parts else {}


def walked(filters: Filters, sort: str) -> Walked:
    name = {"no": "live", "yes": "archived", "any": "any"}[filters.archived]
    prefix = (("archived_at", None),) if name == "live" else ()
    return Walked(f"list_{name}_{sort}", prefix)
