"""Jobs that do the same to many documents of a list, with a result for each."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from devora_admin.core import jobs, mongo
from devora_admin.core.errors import Conflict, DomainError, InvalidInput
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.core.listing import matching
from devora_admin.core.listing.spec import Chosen, ListSpec
from devora_admin.staff import audit, undo

MOST_IDS = 500

Change = Callable[..., str]
"""`fn(subject_id, *, actor) -> label`. Raises Conflict when there was nothing to do."""
Subjects = Iterator[tuple[str, str, Any]]
"""Id, name and cursor of each."""


@dataclass(frozen=True, slots=True)
class Many:
    """What the jobs of one list are about."""

    spec: ListSpec[Any, Any]
    noun: str
    subject_kind: str
    """In the audit log."""
    filters: type[Any]
    """A dataclass of BSON values."""
    shown: Callable[[str], str]
    """How a stored name reads, "" being none."""


def start(
    many: Many,
    kind: str,
    chosen: Chosen[Any],
    *,
    verb: str,
    total: int | None,
    actor: audit.Actor,
    **params: Any,
) -> str:
    """Returns the job's id. total: how many are expected, if known. params: for the handler."""
    if chosen.filters is None and not chosen.ids:
        raise InvalidInput(f"Select at least one {many.noun}.", field="id")
    if len(chosen.ids) > MOST_IDS:
        raise InvalidInput(f"Select at most {MOST_IDS} one by one, or all that match.", field="id")
    if chosen.filters is not None:
        params["filters"] = asdict(chosen.filters)
    else:
        params["ids"] = list(dict.fromkeys(chosen.ids))
    number = "" if total is None else f"{total:,} "
    title = f"{verb} {number}{many.noun}{'' if total == 1 else 's'}"
    stored = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
    return jobs.enqueue(kind, title=title, actor=stored, params=params, total=total)


def each(many: Many, job: Job, change: Change, *, done: str) -> Iterator[ItemResult]:
    """done: the action that `change` records."""
    return to_each(_subjects(many, job), many.subject_kind, job, change, done=done)


def to_each(
    subjects: Subjects, subject_kind: str, job: Job, change: Change, *, done: str = ""
) -> Iterator[ItemResult]:
    """As `each`, for what is no list of core.listing.

    subjects: from the job's cursor on.
    done: "" for a change that is harmless twice.
    """
    actor = audit.Actor(**job.actor, request_id=f"job:{job.id}", cause=None)
    for subject_id, label, cursor in subjects:
        if not subject_id:
            reason = "The document has no id, so it cannot be changed here."
            yield ItemResult(f"document {cursor}", label, "failed", reason, cursor)
            continue
        outcome: jobs.Outcome = "done"
        detail = ""
        try:
            label = change(subject_id, actor=actor)
        except Conflict as error:
            # After a crash the job meets again what it had done but not yet noted.
            by_us = {"request_id": actor.request_id}
            if not done or not audit.row_of(done, subject_kind, subject_id, **by_us):
                outcome, detail = "skipped", error.message
        except DomainError as error:
            outcome, detail = "failed", error.message
        except Exception as error:
            if mongo.is_unavailable(error):
                raise
            outcome, detail = "failed", type(error).__name__
        yield ItemResult(subject_id, label, outcome, detail, cursor)


def taking_back(many: Many, job: Job, action: str) -> Iterator[ItemResult]:
    """Undoes what the job named by `undo_of` recorded as `action`, unless it has moved on since."""
    return take_back_each(many.subject_kind, job, action)


def take_back_each(subject_kind: str, job: Job, action: str) -> Iterator[ItemResult]:
    """As `taking_back`, for what is no list of core.listing."""
    request_id = f"job:{job.params['undo_of']}"

    def to_one(subject_id: str, *, actor: audit.Actor) -> str:
        row_id = audit.row_of(action, subject_kind, subject_id, request_id=request_id)
        if not row_id:
            raise Conflict("The audit log does not hold this change any more.")
        return undo.perform(row_id, actor=actor).subject.label or subject_id

    return to_each(_done_by(job), subject_kind, job, to_one, done=f"{action}.undo")


def _done_by(job: Job) -> Subjects:
    """What the job that this one takes back had done."""
    for item in jobs.every_item(job.params["undo_of"], outcome="done", after=job.cursor or ""):
        yield item.item_id, item.label, item.place


def _subjects(many: Many, job: Job) -> Subjects:
    """Id, name and cursor of each, from the job's cursor on."""
    if "filters" in job.params:
        known = {field.name for field in fields(many.filters)}
        filters = many.filters(**{k: v for k, v in job.params["filters"].items() if k in known})
        yield from matching.matching(many.spec, filters, after=job.cursor, shown=many.shown)
    else:
        ids = job.params["ids"]
        names = matching.names(many.spec, ids, shown=many.shown)
        for number in range(job.cursor or 0, len(ids)):
            yield ids[number], names.get(ids[number], ids[number]), number + 1
