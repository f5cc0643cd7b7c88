"""Claims jobs and runs them: one worker at a time by lease, another goes on after a crash.

A handler is a generator of ItemResult, or of None where there is nothing to note yet. It is
started with the cursor of the last result that was stored, so after a crash it goes on from there;
doing one item twice must be harmless.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.jobs import (
    JOB_ITEMS,
    JOBS,
    ItemResult,
    Job,
    NotNow,
    Outcome,
    State,
    from_stored,
    kind_of,
    place_of,
)

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
BATCH = 100
STORE_EVERY = timedelta(milliseconds=500)
_OUTCOMES: tuple[Outcome, ...] = ("done", "skipped", "failed")


def run_next(worker_id: str, *, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Claims and runs one job, to its end or until `stopping`. False when there was none."""
    job = _claim(worker_id)
    if job is None:
        return False
    try:
        _run(job, worker_id, stopping)
    except Exception as error:
        if mongo.is_unavailable(error):
            raise  # the lease runs out and the job is taken up again
        log.exception("job %s failed", job.id)
        _finish(job.id, worker_id, "failed", error=f"{type(error).__name__}: {error}"[:500])
    return True


def _claim(worker_id: str) -> Job | None:
    now = clock.now()
    document = mongo.database()[JOBS].find_one_and_update(
        {
            "$or": [
                {"state": "waiting", "due_at": {"$not": {"$gt": now}}},
                {"state": "running", "lease_until": {"$lt": now}},
            ]
        },
        {
            "$set": {"state": "running", "worker": worker_id, "lease_until": now + LEASE},
            "$unset": {"due_at": "", "waits_for": ""},
        },
        sort=[("created_at", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return from_stored(document) if document else None


class _LostLease(Exception):
    pass


def _handler(job: Job) -> Iterator[ItemResult | None]:
    kind = kind_of(job)
    if kind is None:
        raise LookupError(f"This release knows no job of the kind {job.kind!r}.")
    return kind.handler(job)


def _run(job: Job, worker_id: str, stopping: Callable[[], bool]) -> None:
    batch: list[ItemResult] = []
    stored_at = clock.now()
    try:
        try:
            for result in _handler(job):
                if result is not None:
                    batch.append(result)
                if len(batch) >= BATCH or clock.now() - stored_at > STORE_EVERY:
                    full, batch, stored_at = batch, [], clock.now()
                    _store(job.id, worker_id, full)
                if stopping():
                    break
            else:
                stopping = _never
        finally:
            # What was done is noted, also when the handler failed on the next item.
            if batch:
                _store(job.id, worker_id, batch)
        if stopping():
            _release(job.id, worker_id)
        else:
            _finish(job.id, worker_id, "done")
    except NotNow as error:
        _put_off(job.id, worker_id, error)
    except _LostLease:  # cancelled, or another worker went on with it
        _let_go(job.id, worker_id)


def _never() -> bool:
    return False


def _let_go(job_id: str, worker_id: str) -> None:
    """Says that nothing will be noted any more, so that what was done can be undone."""
    mongo.database()[JOBS].update_one(
        {"_id": job_id, "worker": worker_id}, {"$set": {"lease_until": None}}
    )


def _release(job_id: str, worker_id: str, **more: Any) -> None:
    """Leaves the job to the next worker at once, instead of when the lease runs out."""
    mongo.database()[JOBS].update_one(
        {"_id": job_id, "state": "running", "worker": worker_id},
        {"$set": {"state": "waiting", "lease_until": None, **more}},
    )


def _put_off(job_id: str, worker_id: str, error: NotNow) -> None:
    due_at = clock.now() + timedelta(seconds=error.wait_s)
    _release(job_id, worker_id, due_at=due_at, waits_for=str(error))


def _store(job_id: str, worker_id: str, batch: list[ItemResult]) -> None:
    """Results and progress in one transaction, so that a repeated item is never counted twice.

    batch: may be empty; the lease is kept all the same.
    """

    def write(session: ClientSession) -> str:
        db = mongo.database()
        fresh: list[Outcome] = []
        change: dict[str, Any] = {"lease_until": clock.now() + LEASE}
        if batch:
            rows = [_noted(job_id, each) for each in batch]
            noted = db[JOB_ITEMS].bulk_write(rows, session=session)
            fresh = [batch[number].outcome for number in noted.upserted_ids or ()]
            change["cursor"] = batch[-1].cursor
        # A job cancelled meanwhile still notes what it had done.
        found = db[JOBS].find_one_and_update(
            {"_id": job_id, "state": {"$in": ["running", "cancelled"]}, "worker": worker_id},
            {
                "$inc": {f"counts.{outcome}": fresh.count(outcome) for outcome in _OUTCOMES},
                "$set": change,
            },
            session=session,
        )
        if found is None:
            raise _LostLease
        return str(found["state"])

    if mongo.run_in_transaction(write) == "cancelled":
        raise _LostLease


def _noted(job_id: str, result: ItemResult) -> UpdateOne:
    """The first result of an item stays: the platform may hold two documents of one id."""
    row = {
        "job_id": job_id,
        "item_id": result.item_id,
        "label": result.label,
        "outcome": result.outcome,
        "detail": result.detail,
    }
    place = f"{job_id}:{place_of(result.item_id)}"
    return UpdateOne({"_id": place}, {"$setOnInsert": row}, upsert=True)


def _finish(job_id: str, worker_id: str, state: State, *, error: str = "") -> None:
    mongo.database()[JOBS].update_one(
        {"_id": job_id, "state": "running", "worker": worker_id},
        {"$set": {"state": state, "error": error, "finished_at": clock.now()}},
    )
    _let_go(job_id, worker_id)  # also when it was cancelled as it ended
