"""Which project an issue is about, and as it was when, checked before one is opened."""

from dataclasses import asdict
from typing import Any

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.projects.queries import standing, thread
from devora_admin.support.queries.issue import Pinned
from devora_admin.versions.queries import numbers

_LONGEST_TYPE = 100
_NO_PROJECT = "This customer has no such project."


def pinned(
    project_id: str, user_id: str, at: Pinned, *, archived_too: bool
) -> tuple[dict[str, Any], str]:
    """Where the project stands, as far as `at` does not say, and its type; of nothing without one.

    The issue keeps the type: reports count by it, and projects come to be many.

    Raises InvalidInput for a project or a place in it that there is not.
    """
    if not project_id:
        if at != Pinned():
            raise InvalidInput("Name the project, too.", field="project_id")
        return asdict(at), ""
    found = standing.standing(project_id)
    if found is None or found.user_id != user_id:
        raise InvalidInput(_NO_PROJECT, field="project_id")
    if found.is_archived and not archived_too:
        raise InvalidInput("This project was deleted.", field="project_id")
    _check_turn(project_id, at.turn)
    if at.version is not None and not numbers.is_known(project_id, at.version):
        raise InvalidInput("There is no such version of the project.", field="pinned.version")
    if at.revision is not None and at.revision > found.revision:
        raise InvalidInput("The project has not come so far.", field="pinned.revision")
    if at.version is None and at.revision is None:
        at = Pinned(found.revision, numbers.newest(project_id), at.turn)
    return asdict(at), _type_of(found.project_type)


def is_live(project_id: str, user_id: str) -> bool:
    """Whether the customer has this project, and has not deleted it."""
    found = standing.standing(project_id) if project_id else None
    return found is not None and found.user_id == user_id and not found.is_archived


def _check_turn(project_id: str, turn: int | None) -> None:
    if turn is None:
        return
    try:
        length = thread.length(project_id)
    except NotFound as error:
        raise InvalidInput(_NO_PROJECT, field="project_id") from error
    if not 0 <= turn < length:
        raise InvalidInput(f"The conversation has {length:,} turns.", field="pinned.turn")


def _type_of(text: str) -> str:
    return text.replace("\0", "").strip()[:_LONGEST_TYPE].strip()
