"""Suspending and reactivating many customers: jobs with a result each.

Undone from the audit log, so that each customer gets back the status they had.
"""

from collections.abc import Callable, Iterator
from functools import partial

from devora_admin.core import jobs
from devora_admin.core.errors import InvalidInput
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.core.listing.spec import Chosen
from devora_admin.staff import audit, bulk
from devora_admin.staff.bulk import Many
from devora_admin.users.groups import CUSTOMERS as GROUPS
from devora_admin.users.queries.conditions import CustomerFilters
from devora_admin.users.queries.listing import CUSTOMERS
from devora_admin.users.services import standing, texts
from devora_admin.users.services.fields import Done

SUSPEND, REACTIVATE = "users.suspend", "users.reactivate"
KINDS = {"suspend": SUSPEND, "reactivate": REACTIVATE}
_PERMISSION = "users.suspend"
_MANY = Many(
    spec=CUSTOMERS,
    noun="customer",
    subject_kind="customer",
    filters=CustomerFilters,
    shown=lambda name: name or "Unnamed customer",
)


def start(
    action: str,
    chosen: Chosen[CustomerFilters],
    *,
    reason: str,
    total: int | None,
    actor: audit.Actor,
) -> str:
    """Returns the job's id. action: a key of KINDS. total: how many are expected, if known."""
    if action not in KINDS:
        raise InvalidInput("Choose suspend or reactivate.", field="action")
    check_whole(chosen)
    reason = texts.reason(reason)
    verb = action.capitalize()
    return bulk.start(
        _MANY, KINDS[action], chosen, verb=verb, total=total, actor=actor, reason=reason
    )


def check_whole(chosen: Chosen[CustomerFilters]) -> None:
    """Raises InvalidInput where the list is a part of what it is named after."""
    if chosen.filters:
        GROUPS.check_whole(chosen.filters.group)


def register() -> None:
    """Called once, when the app is ready. The kinds of job are named like the actions they do."""
    changes = {SUSPEND: standing.suspend_customer, REACTIVATE: standing.reactivate_customer}
    for kind, change in changes.items():
        undo = f"{kind}.undo"
        handles = partial(jobs.handles, permission=_PERMISSION, unit="customer")
        handles(kind, undone_by=undo)(_doing(kind, change))
        handles(undo)(_undoing(kind))


def _doing(kind: str, change: Callable[..., Done]) -> Callable[[Job], Iterator[ItemResult]]:
    def handler(job: Job) -> Iterator[ItemResult]:
        def to_one(user_id: str, *, actor: audit.Actor) -> str:
            return change(user_id, reason=job.params["reason"], actor=actor).label

        return bulk.each(_MANY, job, to_one, done=kind)

    return handler


def _undoing(kind: str) -> Callable[[Job], Iterator[ItemResult]]:
    return lambda job: bulk.taking_back(_MANY, job, kind)
