"""One row of the list: computed by the store, so that no file or conversation leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core.listing import columns as computed
from devora_admin.core.listing.columns import date, moment, text, titled, when
from devora_admin.core.listing.spec import Found
from devora_admin.projects.documents import shown_name
from devora_admin.users.queries import Owner

_WANTED = {
    "id": ("string",),
    "name": ("string",),
    "user_id": ("string",),
    "project_type": ("string", "missing", "null"),
    "files": ("array", "missing"),
    "created_at": ("date", "missing", "null"),
    "updated_at": ("date", "missing", "null"),
}


@dataclass(frozen=True, slots=True)
class ProjectRow:
    id: str
    """Empty when the document has none; it cannot be opened then."""
    name: str
    owner: Owner | None
    project_type: str
    file_count: int | None
    size_bytes: int
    created_at: datetime | None
    updated_at: datetime | None
    archived_at: datetime | None
    is_archived: bool
    faults: tuple[str, ...]
    """What is wrong with the document, in words."""

    def __getitem__(self, field: str) -> Any:
        """Templates ask this way first; answering saves an exception for each value shown."""
        return getattr(self, field)

    @property
    def title(self) -> str:
        """The name as a table has room for it."""
        return titled(self.name)


COLUMNS = {
    "id": text("id"),
    "name": text("name"),
    "user_id": text("user_id"),
    "project_type": text("project_type"),
    "file_count": when({"$isArray": "$files"}, {"$size": "$files"}, None),
    "size_bytes": {"$bsonSize": "$$ROOT"},
    "created_at": date("created_at"),
    "updated_at": date("updated_at"),
    "archived_at": date("archived_at"),
    "is_archived": {"$gt": ["$archived_at", None]},
    "types": computed.types(_WANTED),
}


def columns(sort: str) -> dict[str, Any]:
    return computed.projection(COLUMNS, sort)


def project_row(found: Found, owners: Mapping[str, Owner]) -> ProjectRow:
    name, user_id = found["name"], found["user_id"]
    faults = list(computed.faults(found, _WANTED))
    if computed.type_of(found, "name") == "string" and not (name or "").strip():
        faults.append("name is empty")
    is_without_files = computed.type_of(found, "files") == "missing"
    return ProjectRow(
        id=found["id"] or "",
        name=shown_name(name),
        owner=owners.get(user_id) if user_id else None,
        project_type=found["project_type"] or "",
        file_count=0 if is_without_files else found["file_count"],
        size_bytes=found["size_bytes"],
        created_at=moment(found["created_at"]),
        updated_at=moment(found["updated_at"]),
        archived_at=moment(found["archived_at"]),
        is_archived=found["is_archived"],
        faults=tuple(faults),
    )
