"""The segments a person sees."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from devora_admin.analytics.segments.documents import segments
from devora_admin.analytics.segments.groups import GROUPS, key_of
from devora_admin.analytics.segments.saving import MOST
from devora_admin.core.errors import InvalidInput, NotFound

LISTS = {"customers": "users:list", "projects": "projects:list"}


@dataclass(frozen=True, slots=True)
class Segment:
    id: str
    name: str
    of: str
    about: str
    """What it was saved from, in words."""
    count: int
    """When it was saved, of one that is fixed."""
    is_fixed: bool
    is_shared: bool
    by: str
    revision: int

    @property
    def key(self) -> str:
        return key_of(self.id)

    @property
    def list_url(self) -> str:
        return list_url(self.of, self.key)


def list_url(of: str, key: str) -> str:
    """Of the list that shows a group."""
    asked = {"group": key} | ({"archived": "any"} if of == "projects" else {})
    return f"{reverse(LISTS[of])}?{urlencode(asked)}"


def segments_of(staff_id: str) -> list[Segment]:
    """One's own and everybody's, by name; one round trip."""
    found = segments().find({"owner_id": {"$in": ["", staff_id]}}).sort("name", 1).limit(2 * MOST)
    return [_segment(row) for row in found]


def one(segment_id: str, staff_id: str) -> Segment:
    """Raises NotFound."""
    wanted = {"_id": {"$eq": segment_id}, "owner_id": {"$in": ["", staff_id]}}
    row = segments().find_one(wanted)
    if row is None:
        raise NotFound("segment", segment_id[:40])
    return _segment(row)


def _segment(row: dict[str, Any]) -> Segment:
    of, key = row["of"], row["key"]
    try:
        about = GROUPS[of].label(key)
    except InvalidInput:  # of a kind of group that there was
        about = ""
    return Segment(
        id=row["_id"], name=row["name"], of=of, about=about, count=row["count"],
        is_fixed=bool(row["places"]), is_shared=not row["owner_id"], by=row["by"],
        revision=row["revision"],
    )  # fmt: skip
