"""One row of the list: computed by the store, so that no file or conversation leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.projects.documents import shown_name
from devora_admin.projects.queries.conditions import Sort
from devora_admin.users.queries import Owner

_LONGEST_TEXT = 1000
_LONGEST_TITLE = 120
_LONGEST_KEY = 400
"""Bytes of a sort value that still goes into a page link."""


# Field → the BSON types it may have, the right one first.
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
        if len(self.name) <= _LONGEST_TITLE:
            return self.name
        return self.name[: _LONGEST_TITLE - 1].rstrip() + "…"


def _text(field: str) -> dict[str, Any]:
    short = {"$lte": [{"$strLenBytes": field}, _LONGEST_TEXT]}
    cut = {"$substrCP": [field, 0, _LONGEST_TEXT // 4]}
    return _when({"$eq": [{"$type": field}, "string"]}, _when(short, field, cut), None)


def _date(field: str) -> dict[str, Any]:
    return _when({"$eq": [{"$type": field}, "date"]}, field, None)


def _when(condition: Any, then: Any, otherwise: Any) -> dict[str, Any]:
    return {"$cond": [condition, then, otherwise]}


def columns(sort: Sort) -> dict[str, Any]:
    """A projection. `key.v` is the sort value as stored; `key` is null when that is too long."""
    key = {"v": f"${sort}"}
    return {
        "id": _text("$id"),
        "name": _text("$name"),
        "user_id": _text("$user_id"),
        "project_type": _text("$project_type"),
        "file_count": _when({"$isArray": "$files"}, {"$size": "$files"}, None),
        "size_bytes": {"$bsonSize": "$$ROOT"},
        "created_at": _date("$created_at"),
        "updated_at": _date("$updated_at"),
        "archived_at": _date("$archived_at"),
        "is_archived": {"$gt": ["$archived_at", None]},
        "key": _when({"$lte": [{"$bsonSize": key}, _LONGEST_KEY]}, key, None),
        "types": {field: {"$type": f"${field}"} for field in _WANTED},
    }


def project_row(found: Mapping[str, Any], owners: Mapping[str, Owner]) -> ProjectRow:
    name, user_id = found["name"], found["user_id"]
    return ProjectRow(
        id=found["id"] or "",
        name=shown_name(name),
        owner=owners.get(user_id) if user_id else None,
        project_type=found["project_type"] or "",
        file_count=0 if found["types"]["files"] == "missing" else found["file_count"],
        size_bytes=found["size_bytes"],
        created_at=_moment(found["created_at"]),
        updated_at=_moment(found["updated_at"]),
        archived_at=_moment(found["archived_at"]),
        is_archived=found["is_archived"],
        faults=tuple(_faults(found)),
    )


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


_WORDS = {"array": "list", "string": "text", "date": "date", "object": "object", "bool": "boolean"}


def _faults(found: Mapping[str, Any]) -> list[str]:
    faults = []
    for field, wanted in _WANTED.items():
        kind = found["types"][field]
        if kind not in wanted:
            expected = _WORDS[wanted[0]]
            is_absent = kind in ("missing", "null", "undefined")
            what = "is missing" if is_absent else f"is {_WORDS.get(kind, kind)}, not {expected}"
            faults.append(f"{field} {what}")
    if found["types"]["name"] == "string" and not (found["name"] or "").strip():
        faults.append("name is empty")
    faults += [
        f"{field} is beyond the year 9999"
        for field in ("created_at", "updated_at")
        if found[field] is not None and not isinstance(found[field], datetime)
    ]
    return faults
