"""Archiving and restoring many projects: jobs with a result each.

Undone from the audit log, so that a project archived or restored anew since is left alone.
"""

from devora_admin.core import jobs
from devora_admin.core.errors import InvalidInput
from devora_admin.core.jobs import Handler
from devora_admin.core.listing.spec import Chosen
from devora_admin.projects.documents import shown_name
from devora_admin.projects.groups import PROJECTS as GROUPS
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import PROJECTS
from devora_admin.projects.services import lifecycle
from devora_admin.staff import audit, bulk
from devora_admin.staff.bulk import Change, Many

ARCHIVE, RESTORE = "projects.archive", "projects.restore"
KINDS = {"archive": ARCHIVE, "restore": RESTORE}
_PERMISSION = "projects.archive"
_MANY = Many(
    spec=PROJECTS,
    noun="project",
    subject_kind="project",
    filters=Filters,
    shown=shown_name,
)


def start(action: str, chosen: Chosen[Filters], *, total: int | None, actor: audit.Actor) -> str:
    """Returns the job's id. action: a key of KINDS. total: how many are expected, if known."""
    if action not in KINDS:
        raise InvalidInput("Choose archive or restore.", field="action")
    check_whole(chosen)
    verb = action.capitalize()
    return bulk.start(_MANY, KINDS[action], chosen, verb=verb, total=total, actor=actor)


def check_whole(chosen: Chosen[Filters]) -> None:
    """Raises InvalidInput where the list is a part of what it is named after."""
    if chosen.filters:
        GROUPS.check_whole(chosen.filters.group)


def register() -> None:
    """Called once, when the app is ready."""
    changes = {
        ARCHIVE: ("project.archive", lifecycle.archive_project),
        RESTORE: ("project.restore", lifecycle.restore_project),
    }
    for kind, (action, change) in changes.items():
        undone_by = f"{kind}.undo"
        jobs.handles(kind, permission=_PERMISSION, undone_by=undone_by)(_doing(action, change))
        jobs.handles(undone_by, permission=_PERMISSION)(_undoing(action))


def _doing(action: str, change: Change) -> Handler:
    return lambda job: bulk.each(_MANY, job, change, done=action)


def _undoing(action: str) -> Handler:
    return lambda job: bulk.taking_back(_MANY, job, action)
