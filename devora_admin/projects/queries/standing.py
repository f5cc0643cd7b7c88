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
    project_type: str
    """As the platform wrote it; "" for none."""
    is_archived: bool


def standing(project_id: str) -> Standing | None:
    """None without such a project."""
    fields = {"user_id": 1, "revision": 1, "project_type": 1, "archived_at": 1}
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    found = collection.find_one({"id": {"$eq": project_id}}, fields)
    if found is None:
        return None
    return Standing(
        user_id=_text(found.get("user_id")),
        revision=revision_of(found.get("revision")) or 0,
        project_type=_text(found.get("project_type")),
        is_archived=found.get("archived_at") is not None,
    )


def _text(value: object) -> str:
    return value if raw_bson.is_text(value) else ""
