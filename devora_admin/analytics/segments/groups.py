"""Segments as groups that the lists of customers and of projects show: `segment:` and an id."""

from functools import partial
from typing import Any

from devora_admin.analytics.segments.documents import members, segments
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.groups import Groups, Reader
from devora_admin.projects.groups import PROJECTS
from devora_admin.users.groups import CUSTOMERS

NAME = "segment"
GROUPS: dict[str, Groups] = {"customers": CUSTOMERS, "projects": PROJECTS}
FIELDS = {"customers": "user_id", "projects": "project_id"}
"""What members are named by."""
Row = dict[str, Any]


def register() -> None:
    """Called once, when the app is ready."""
    for of, groups in GROUPS.items():
        groups.register(Reader(NAME, partial(label, of), partial(ids, of)))


def key_of(segment_id: str) -> str:
    return f"{NAME}:{segment_id}"


def label(of: str, segment_id: str) -> str:
    return f"segment “{_read(of, segment_id)['name']}”"


def ids(of: str, segment_id: str, most: int) -> list[str]:
    row = _read(of, segment_id)
    if row["places"]:
        field = FIELDS[of]
        found = members().find({"places": row["places"]}, {field: 1}).sort("_id", 1).limit(most)
        return [each[field] for each in found]
    return GROUPS[of].ids(row["key"], most)


def _read(of: str, segment_id: str) -> Row:
    """Raises InvalidInput."""
    row = segments().find_one({"_id": {"$eq": segment_id}, "of": of})
    if row is None:
        raise InvalidInput("This segment is not there any more.", field="group")
    return row
