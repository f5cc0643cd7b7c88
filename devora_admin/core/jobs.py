"""Work that outlives a request: stored, claimed by lease, resumable, with a result per item.

A handler is a generator of ItemResult. It is started with the cursor of the last result that was
stored, so after a crash it goes on from there; doing one item twice must be harmless.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import NotFound
from devora_admin.core.ids import new_id

JOBS = "jobs"
JOB_ITEMS = "job_items"
LEASE = timedelta(seconds=20)
BATCH = 100

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Outcome = Literal["done", "skipped", "failed"]

mongo.declare_indexes(
    JOBS,
    [
        IndexModel([("state", ASCENDING), ("created_at", ASCENDING)], name="state_created_at"),
        IndexModel([("actor.id", ASCENDING), ("created_at", DESCENDING)], name="actor_created_at"),
    ],
)
mongo.declare_indexes(
    JOB_ITEMS,
    [IndexModel([("job_id", ASCENDING), ("outcome", ASCENDING), ("_id", ASCENDING)], name="job")],
)


@dataclass(frozen=True, slots=True)
class ItemResult:
    item_id: str
    label: str
    outcome: Outcome
    detail: str = ""
    cursor: Any = None
    """Where to go on after this item: any BSON value."""


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    kind: str
    title: str
    state: State
    params: dict[str, Any]
    actor: dict[str, str]
    total: int | None
    done: int
    skipped: int
    failed: int
    cursor: Any
    error: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def handled(self) -> int:
        return self.done + self.skipped + self.failed

    @property
    def percent(self) -> int:
        if self.state == "done":
            return 100
        return min(99, 100 * self.handled // self.total) if self.total else 0

    @property
    def running(self) -> bool:
        return self.state in ("waiting", "running")


Handler = Callable[[Job], Iterator[ItemResult]]
_HANDLERS: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def enqueue(
    kind: str,
    *,
    title: str,
    actor: dict[str, str],
    params: dict[str, Any],
    total: int | None,
    session: ClientSession | None = None,
) -> str:
    """Stores a job and returns its id. actor: id, email, name, role. params: BSON values."""
    if kind not in _HANDLERS:
        raise ValueError(f"no handler for {kind!r}")
    job_id = new_id()
    mongo.database()[JOBS].insert_one(
        {
            "_id": job_id,
            "kind": kind,
            "title": title,
            "state": "waiting",
            "actor": actor,
            "params": params,
            "total": total,
            "counts": {"done": 0, "skipped": 0, "failed": 0},
            "cursor": None,
            "error": "",
            "created_at": clock.now(),
            "finished_at": None,
            "lease_until": None,
        },
        session=session,
    )
    return job_id


def find(job_id: str) -> Job:
    """Raises NotFound."""
    document = mongo.database()[JOBS].find_one({"_id": job_id})
    if document is None:
        raise NotFound("job", job_id)
    return _job(document)


def running(*, actor_id: str, limit: int = 5) -> list[Job]:
    """The unfinished jobs one person started, the latest first."""
    condition = {"actor.id": actor_id, "state": {"$in": ["waiting", "running"]}}
    found = mongo.database()[JOBS].find(condition).sort("created_at", DESCENDING).limit(limit)
    return [_job(document) for document in found]


def items(job_id: str, *, outcome: Outcome | None, after: str, limit: int) -> list[ItemResult]:
    """Results of a job in the order of their ids. after: the id of the last one seen, or ""."""
    condition: dict[str, Any] = {"job_id": job_id, "_id": {"$gt": f"{job_id}:{after}"}}
    if outcome:
        condition["outcome"] = outcome
    found = mongo.database()[JOB_ITEMS].find(condition).sort("_id", ASCENDING).limit(limit)
    return [
        ItemResult(row["item_id"], row["label"], row["outcome"], row["detail"]) for row in found
    ]


def cancel(job_id: str) -> bool:
    """Stops a job before its next item. False when it had already ended."""
    changed = mongo.database()[JOBS].update_one(
        {"_id": job_id, "state": {"$in": ["waiting", "running"]}},
        {"$set": {"state": "cancelled", "finished_at": clock.now()}},
    )
    return changed.matched_count == 1


def run_next(worker_id: str) -> bool:
    """Claims and runs one job to its end. False when there was none."""
    job = _claim(worker_id)
    if job is None:
        return False
    try:
        _run(job, worker_id)
    except Exception as error:
        if mongo.is_unavailable(error):
            raise  # the lease runs out and the job is taken up again
        _finish(job.id, worker_id, "failed", error=f"{type(error).__name__}: {error}"[:500])
    return True


def _claim(worker_id: str) -> Job | None:
    now = clock.now()
    document = mongo.database()[JOBS].find_one_and_update(
        {
            "$or": [
                {"state": "waiting"},
                {"state": "running", "lease_until": {"$lt": now}},
            ]
        },
        {"$set": {"state": "running", "worker": worker_id, "lease_until": now + LEASE}},
        sort=[("created_at", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return _job(document) if document else None


class _LostLease(Exception):
    pass


def _run(job: Job, worker_id: str) -> None:
    batch: list[ItemResult] = []
    stored_at = clock.now()
    try:
        for result in _HANDLERS[job.kind](job):
            batch.append(result)
            if len(batch) >= BATCH or clock.now() - stored_at > timedelta(milliseconds=500):
                _store(job.id, worker_id, batch)
                batch, stored_at = [], clock.now()
        if batch:
            _store(job.id, worker_id, batch)
        _finish(job.id, worker_id, "done")
    except _LostLease:
        return  # cancelled, or another worker went on with it


def _store(job_id: str, worker_id: str, batch: list[ItemResult]) -> None:
    """Results and progress in one transaction, so a repeated item is never counted twice."""
    rows = [
        {
            "_id": f"{job_id}:{result.item_id}",
            "job_id": job_id,
            "item_id": result.item_id,
            "label": result.label,
            "outcome": result.outcome,
            "detail": result.detail,
        }
        for result in batch
    ]
    counts = {
        f"counts.{outcome}": sum(result.outcome == outcome for result in batch)
        for outcome in ("done", "skipped", "failed")
    }

    def write(session: ClientSession) -> None:
        db = mongo.database()
        changed = db[JOBS].update_one(
            {"_id": job_id, "state": "running", "worker": worker_id},
            {
                "$inc": counts,
                "$set": {"cursor": batch[-1].cursor, "lease_until": clock.now() + LEASE},
            },
            session=session,
        )
        if not changed.matched_count:
            raise _LostLease
        db[JOB_ITEMS].insert_many(rows, session=session)

    mongo.run_in_transaction(write)


def _finish(job_id: str, worker_id: str, state: State, *, error: str = "") -> None:
    mongo.database()[JOBS].update_one(
        {"_id": job_id, "state": "running", "worker": worker_id},
        {"$set": {"state": state, "error": error, "finished_at": clock.now()}},
    )


def _job(document: dict[str, Any]) -> Job:
    counts = document["counts"]
    return Job(
        id=document["_id"],
        kind=document["kind"],
        title=document["title"],
        state=document["state"],
        params=document["params"],
        actor=document["actor"],
        total=document["total"],
        done=counts["done"],
        skipped=counts["skipped"],
        failed=counts["failed"],
        cursor=document["cursor"],
        error=document["error"],
        created_at=document["created_at"],
        finished_at=document["finished_at"],
    )
