"""What the overview shows: where one left off, and what moved lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import jobs
from devora_admin.core.listing.indexes import ANY_CASE
from devora_admin.core.raw_bson import is_text
from devora_admin.projects.documents import projects, shown_name
from devora_admin.staff import audit
from devora_admin.users.queries import Owner, owners

_COLUMNS = {"_id": 0, "id": 1, "name": 1, "user_id": 1, "project_type": 1, "updated_at": 1}
_LATEST = 8


@dataclass(frozen=True, slots=True)
class RecentProject:
    id: str
    name: str
    owner: Owner | None
    project_type: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    yours: list[RecentProject]
    """Projects the viewer changed, the latest first."""
    updated: list[RecentProject]
    running_jobs: list[jobs.Job]


def overview(*, actor_id: str) -> Overview:
    """Five round trips: the viewer's changes, two lists of projects, their owners, jobs."""
    mine = audit.latest_subjects(actor_id=actor_id, kind="project", limit=_LATEST)
    found = projects().find({"id": {"$in": mine}}, _COLUMNS)
    rows_by_id = {row["id"]: row for row in found if is_text(row["id"])}
    latest = list(
        projects()
        .find({"archived_at": None}, _COLUMNS)
        .collation(ANY_CASE)  # that of the index, which would not be used without it
        .sort([("updated_at", -1), ("_id", -1)])
        .limit(_LATEST)
    )
    known = owners(row.get("user_id") for row in (*rows_by_id.values(), *latest))
    return Overview(
        yours=[_recent(rows_by_id[key], known) for key in mine if key in rows_by_id],
        updated=[_recent(row, known) for row in latest],
        running_jobs=jobs.running(actor_id=actor_id),
    )


def _recent(row: Mapping[str, Any], known: Mapping[str, Owner]) -> RecentProject:
    name, moment, user_id = row.get("name"), row.get("updated_at"), row.get("user_id")
    project_id, project_type = row.get("id"), row.get("project_type")
    return RecentProject(
        id=project_id if is_text(project_id) else "",
        name=shown_name(name),
        owner=known.get(user_id) if is_text(user_id) else None,
        project_type=project_type if is_text(project_type) else "",
        updated_at=moment if isinstance(moment, datetime) else None,
    )
