"""Archiving and restoring many projects: jobs with a result each, undone by one another."""

from devora_admin.core import jobs
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.spec import Chosen
from devora_admin.projects.documents import shown_name
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import PROJECTS
from devora_admin.projects.services import lifecycle
from devora_admin.staff import audit, bulk
from devora_admin.staff.bulk import Many

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
    verb = action.capitalize()
    return bulk.start(_MANY, KINDS[action], chosen, verb=verb, total=total, actor=actor)


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(ARCHIVE, permission=_PERMISSION, undone_by=RESTORE)(
        lambda job: bulk.each(_MANY, job, lifecycle.archive_project, done="project.archive")
    )
    jobs.handles(RESTORE, permission=_PERMISSION, undone_by=ARCHIVE)(
        lambda job: bulk.each(_MANY, job, lifecycle.restore_project, done="project.restore")
    )
