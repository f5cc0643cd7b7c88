"""Whose a project is and where it stands, for apps above that refer to it."""

from dataclasses import dataclass

from devora_admin.core import raw_bson
from devora_admin.projects.documents import projects
from devora_admin.projects.queries.editor import revision_of


@dataclass(frozen=True, slots=True)
class Standing:
    user_id: str
    """"" when it is nobody's."""
    revision: int
    is_archived: bool


def standing(project_id: str) -> Standing | None:
    """None without such a project."""
    fields = {"user_id": 1, "revision": 1, "archived_at": 1}
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    found = collection.find_one({"id": {"$eq": project_id}}, fields)
    if found is None:
        return None
    owner = found.get("user_id")
    return Standing(
        user_id=owner if raw_bson.is_text(owner) else "",
        revision=revision_of(found.get("revision")) or 0,
        is_archived=found.get("archived_at") is not None,
    )
