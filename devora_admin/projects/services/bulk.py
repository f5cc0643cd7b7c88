"""Archiving and restoring many projects: jobs with a result each, undone by one another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from devora_admin.core import jobs, mongo
from devora_admin.core.errors import Conflict, DomainError, InvalidInput
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.core.listing import matching
from devora_admin.projects.documents import shown_name
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import PROJECTS
from devora_admin.projects.services import lifecycle
from devora_admin.staff import audit

MOST_IDS = 500
ARCHIVE, RESTORE = "projects.archive", "projects.restore"
KINDS = {"archive": ARCHIVE, "restore": RESTORE}
_VERBS = {ARCHIVE: "Archive", RESTORE: "Restore"}
_PERMISSION = "projects.archive"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Either some projects by id, or all that match when the job gets to them."""

    ids: tuple[str, ...] = ()
    filters: Filters | None = None


def start(action: str, chosen: Chosen, *, total: int | None, actor: audit.Actor) -> str:
    """Returns the job's id. action: a key of KINDS. total: how many are expected, if known."""
    if action not in KINDS:
        raise InvalidInput("Choose archive or restore.", field="action")
    if chosen.filters is None and not chosen.ids:
        raise InvalidInput("Select at least one project.", field="id")
    if len(chosen.ids) > MOST_IDS:
        raise InvalidInput(f"Select at most {MOST_IDS} one by one, or all that match.", field="id")
    kind = KINDS[action]
    params: dict[str, Any] = {"ids": list(dict.fromkeys(chosen.ids))}
    if chosen.filters is not None:
        params = {"filters": chosen.filters.stored()}
    number = "" if total is None else f"{total:,} "
    title = f"{_VERBS[kind]} {number}project{'' if total == 1 else 's'}"
    return jobs.enqueue(kind, title=title, actor=_stored(actor), params=params, total=total)


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(ARCHIVE, permission=_PERMISSION, undone_by=RESTORE)(
        lambda job: _each(job, lifecycle.archive_project, done="project.archive")
    )
    jobs.handles(RESTORE, permission=_PERMISSION, undone_by=ARCHIVE)(
        lambda job: _each(job, lifecycle.restore_project, done="project.restore")
    )


def _each(job: Job, change: Callable[..., str], *, done: str) -> Iterator[ItemResult]:
    actor = audit.Actor(
        id=job.actor["id"],
        email=job.actor["email"],
        name=job.actor["name"],
        role=job.actor["role"],
        request_id=f"job:{job.id}",
    )
    for project_id, label, cursor in _subjects(job):
        if not project_id:
            reason = "The document has no id, so it cannot be changed here."
            yield ItemResult(f"document {cursor}", label, "failed", reason, cursor)
            continue
        outcome: jobs.Outcome = "done"
        detail = ""
        try:
            label = change(project_id, actor=actor)
        except Conflict as error:
            # After a crash the job meets again what it had done but not yet noted.
            if not audit.has_done(done, subject_id=project_id, request_id=actor.request_id):
                outcome, detail = "skipped", error.message
        except DomainError as error:
            outcome, detail = "failed", error.message
        except Exception as error:
            if mongo.is_unavailable(error):
                raise
            outcome, detail = "failed", type(error).__name__
        yield ItemResult(project_id, label, outcome, detail, cursor)


def _subjects(job: Job) -> Iterator[tuple[str, str, Any]]:
    """Project id, name and cursor of each, from the job's cursor on."""
    if "filters" in job.params:
        filters = Filters.from_stored(job.params["filters"])
        yield from matching.matching(PROJECTS, filters, after=job.cursor, shown=shown_name)
    elif "undo_of" in job.params:
        for item in jobs.every_item(job.params["undo_of"], outcome="done", after=job.cursor or ""):
            yield item.item_id, item.label, item.item_id
    else:
        ids = job.params["ids"]
        names = matching.names(PROJECTS, ids, shown=shown_name)
        for number in range(job.cursor or 0, len(ids)):
            yield ids[number], names.get(ids[number], ids[number]), number + 1


def _stored(actor: audit.Actor) -> dict[str, str]:
    return {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
