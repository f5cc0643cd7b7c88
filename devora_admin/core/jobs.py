"""Work that outlives a request: stored, claimed by lease, resumable, with a result per item.

Here is what a job is, and how it is asked for and looked at; core.job_runner does the work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.ids import new_id

JOBS = "jobs"
JOB_ITEMS = "job_items"
ITEMS_AT_ONCE = 100
_DIGITS = 16

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Outcome = Literal["done", "skipped", "failed"]

mongo.declare_indexes(
    JOBS,
    [
        IndexModel([("state", ASCENDING), ("created_at", ASCENDING)], name="state_created_at"),
        IndexModel([("actor.id", ASCENDING), ("created_at", DESCENDING)], name="actor_created_at"),
        IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="created_at"),
    ],
)
mongo.declare_indexes(
    JOB_ITEMS,
    [
        IndexModel([("job_id", ASCENDING), ("outcome", ASCENDING), ("_id", ASCENDING)], name="job"),
        IndexModel([("item_id", ASCENDING)], name="item"),
    ],
)


@dataclass(frozen=True, slots=True)
class ItemResult:
    item_id: str
    label: str
    outcome: Outcome
    detail: str = ""
    cursor: Any = None
    """Where to go on after this item: any BSON value."""
    place: str = ""
    """Of a stored one, among the results of its job."""


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
    undone_by: str | None
    """The id of the job that took this one back."""
    result: dict[str, str] | None = None
    """Where what the job made can be seen: label and url."""
    waits_for: str = ""
    """Why it has not gone on, for people; "" for a job that waits its turn."""

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


class NotNow(Exception):
    """Raised by a handler that has to wait: other jobs have their turn, then it is started again,
    with the cursor of its last result. Its message is for people."""

    def __init__(self, message: str, *, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


Handler = Callable[[Job], Iterator[ItemResult | None]]
"""None: nothing to note yet, but the work goes on, so the lease is kept."""


@dataclass(frozen=True, slots=True)
class Kind:
    handler: Handler
    permission: str
    """Who may cancel and undo such a job."""
    undone_by: str
    """The kind of job that takes back what this one has done; "" when nothing can."""
    unit: str
    """What an item is, in one word."""
    can_cancel: bool


_KINDS: dict[str, Kind] = {}


def handles(
    kind: str,
    *,
    permission: str,
    undone_by: str = "",
    unit: str = "project",
    can_cancel: bool = True,
) -> Callable[[Handler], Handler]:
    """A job that undoes another has the param `undo_of`, that job's id."""

    def register(handler: Handler) -> Handler:
        _KINDS[kind] = Kind(handler, permission, undone_by, unit, can_cancel)
        return handler

    return register


def kind_of(job: Job) -> Kind | None:
    """None for a kind this release does not know any more."""
    return _KINDS.get(job.kind)


def enqueue(
    kind: str,
    *,
    title: str,
    actor: dict[str, str],
    params: dict[str, Any],
    total: int | None,
    job_id: str = "",
    result: dict[str, str] | None = None,
    session: ClientSession | None = None,
) -> str:
    """Stores a job and returns its id. actor: id, email, name, role. params: BSON values.

    result: label and url of what the job makes, where that is known before.
    """
    if kind not in _KINDS:
        raise ValueError(f"no handler for {kind!r}")
    job_id = job_id or new_id()
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
            "undone_by": None,
            "result": result,
        },
        session=session,
    )
    return job_id


def find(job_id: str) -> Job:
    """Raises NotFound."""
    document = mongo.database()[JOBS].find_one({"_id": job_id})
    if document is None:
        raise NotFound("job", job_id)
    return from_stored(document)


def running(*, actor_id: str, limit: int = 5) -> list[Job]:
    """The unfinished jobs one person started, the latest first."""
    condition = {"actor.id": actor_id, "state": {"$in": ["waiting", "running"]}}
    found = mongo.database()[JOBS].find(condition).sort("created_at", DESCENDING).limit(limit)
    return [from_stored(document) for document in found]


def recent(*, before: tuple[datetime, str] | None = None, limit: int) -> list[Job]:
    """The latest first. before: time and id of the last one seen."""
    condition: dict[str, Any] = {}
    if before:
        moment, job_id = before
        condition = {
            "$or": [
                {"created_at": {"$lt": moment}},
                {"created_at": moment, "_id": {"$lt": job_id}},
            ]
        }
    order = [("created_at", DESCENDING), ("_id", DESCENDING)]
    return [
        from_stored(row) for row in mongo.database()[JOBS].find(condition).sort(order).limit(limit)
    ]


def undo(job: Job, *, actor: dict[str, str]) -> str:
    """Enqueues the job that takes back what `job` has done and returns its id.

    Raises Conflict when it is running still, has done nothing, or has an undo already.
    """
    kind = kind_of(job)
    if kind is None or not kind.undone_by or job.done == 0:
        raise Conflict("There is nothing to undo.")
    if job.running:
        raise Conflict("This job is running still. Cancel it first.")

    def work(session: ClientSession) -> str:
        undo_id = new_id()
        # A cancelled job is its worker's until that has noted what it had done.
        let_go = {"$not": {"$gt": clock.now()}}
        found = mongo.database()[JOBS].find_one_and_update(
            {"_id": job.id, "undone_by": None, "lease_until": let_go},
            {"$set": {"undone_by": undo_id}},
            session=session,
        )
        if found is None:
            raise _why_not_undone(job.id, session)
        return enqueue(
            kind.undone_by,
            title=f"Undo: {job.title}",
            actor=actor,
            params={"undo_of": job.id},
            total=found["counts"]["done"],
            job_id=undo_id,
            session=session,
        )

    return mongo.run_in_transaction(work)


def _why_not_undone(job_id: str, session: ClientSession) -> Conflict:
    found = mongo.database()[JOBS].find_one({"_id": job_id}, {"undone_by": 1}, session=session)
    if found and found["undone_by"] is None:
        return Conflict("This job is just stopping. Try again in a moment.")
    return Conflict("This job has been undone already.")


def every_item(job_id: str, *, outcome: Outcome, after: str = "") -> Iterator[ItemResult]:
    while found := items(job_id, outcome=outcome, after=after, limit=ITEMS_AT_ONCE):
        yield from found
        after = found[-1].place


def place_of(item_id: str) -> str:
    """Results stand in the order of this: #2 before #10."""
    return item_id.zfill(_DIGITS) if item_id.isascii() and item_id.isdigit() else item_id


def items(job_id: str, *, outcome: Outcome | None, after: str, limit: int) -> list[ItemResult]:
    """Results of a job in their order. after: the place of the last one seen, or ""."""
    # ";" follows ":", so these are the ids of this job and no other.
    ids = {"$gt": f"{job_id}:{after}", "$lt": f"{job_id};"}
    condition: dict[str, Any] = {"job_id": job_id, "_id": ids}
    if outcome:
        condition["outcome"] = outcome
    found = mongo.database()[JOB_ITEMS].find(condition).sort("_id", ASCENDING).limit(limit)
    return [
        ItemResult(
            row["item_id"], row["label"], row["outcome"], row["detail"],
            place=row["_id"].removeprefix(f"{job_id}:"),
        )
        for row in found
    ]  # fmt: skip


def cancel(job_id: str) -> bool:
    """Stops a job within a moment; what it does until then is noted. False when it had ended."""
    changed = mongo.database()[JOBS].update_one(
        {"_id": job_id, "state": {"$in": ["waiting", "running"]}},
        {"$set": {"state": "cancelled", "finished_at": clock.now()}},
    )
    return changed.matched_count == 1


def from_stored(document: dict[str, Any]) -> Job:
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
        undone_by=document.get("undone_by"),
        result=document.get("result"),
        waits_for=document.get("waits_for", ""),
    )
