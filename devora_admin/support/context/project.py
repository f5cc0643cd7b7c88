"""The project of an issue: as it was when the issue was reported, and as it is now."""

from dataclasses import dataclass

from devora_admin.core.errors import NotFound
from devora_admin.projects.queries import standing
from devora_admin.projects.queries.names import names
from devora_admin.support.queries.issue import Issue
from devora_admin.users.queries import Owner
from devora_admin.versions.queries import compare as comparing
from devora_admin.versions.queries import numbers
from devora_admin.versions.queries.compare import NOW, Absent, Comparison, Incomplete


@dataclass(frozen=True, slots=True)
class ProjectThen:
    id: str
    name: str
    is_archived: bool
    new_owner: Owner | None
    """Who has it now, where that is not the customer of the issue."""
    revision: int
    revision_then: int | None
    version: int | None
    """As it was when the issue was reported; None where none was kept."""
    turn: int | None
    """From 0."""
    version_now: int | None = None
    """The newest, where there was a version then: both are told in one numbering."""
    stands_in: int | None = None
    """A version that is kept, where the one of then was removed."""
    found: Comparison | None = None
    trouble: str = ""
    """Why nothing could be compared."""

    @property
    def compared(self) -> int | None:
        return self.version if self.stands_in is None else self.stands_in


def project_then(issue: Issue) -> ProjectThen | None:
    """None where there is no such project any more, or the issue is about none.

    Seven round trips, whatever the size of the project.
    """
    now = standing.standing(issue.project_id) if issue.project_id else None
    if now is None:
        return None
    is_handed_over = now.user_id != issue.user_id
    called = names([issue.project_id], [now.user_id] if is_handed_over else [])
    pinned = issue.pinned
    stands_in, found, trouble = _compared(issue.project_id, pinned.version)
    return ProjectThen(
        id=issue.project_id,
        name=called.projects.get(issue.project_id, ""),
        is_archived=now.is_archived,
        new_owner=called.customers.get(now.user_id, Owner(now.user_id, "", "", known=False))
        if is_handed_over
        else None,
        revision=now.revision,
        revision_then=pinned.revision,
        version=pinned.version,
        turn=pinned.turn,
        version_now=None if pinned.version is None else numbers.newest(issue.project_id),
        stands_in=stands_in,
        found=found,
        trouble=trouble,
    )


def _compared(project_id: str, version: int | None) -> tuple[int | None, Comparison | None, str]:
    """What stands in for the version, what differs since, and why that is not known."""
    if version is None:
        return None, None, ""
    try:
        return None, comparing.compare(project_id, version, NOW), ""
    except Absent as gone:
        if gone.nearest is None:
            return None, None, gone.message
        nearest, found, trouble = _compared_with(project_id, gone.nearest)
        return nearest, found, trouble or gone.message
    except Incomplete as error:
        return None, None, error.message
    except NotFound:
        return None, None, "The project is being changed. Look again in a moment."


def _compared_with(project_id: str, nearest: int) -> tuple[int, Comparison | None, str]:
    try:
        return nearest, comparing.compare(project_id, nearest, NOW), ""
    except NotFound:  # removed in this moment, too
        return nearest, None, "Not all contents of this version are kept."
