"""A project's files as they are stored, for an export."""

from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.projects.documents import projects


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    name: str
    files: Any
    """A list of dicts where all is well; whatever the platform wrote otherwise."""


def project_files(project_id: str) -> ProjectFiles:
    found = projects().find_one({"id": project_id}, {"_id": 0, "name": 1, "files": 1})
    if found is None:
        raise NotFound("project", project_id)
    name = found.get("name")
    return ProjectFiles(name if isinstance(name, str) else "", found.get("files"))
