"""After a change of what is promised, the clocks of all open issues are reckoned anew.

An issue says with which revision of the promise its clock was reckoned, and an index holds those
of open ones: what is left to do is a range of it, so the work goes on after a crash where it was.
An issue that was written while the promise changed may carry the old one still; the chore finds it.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from pymongo import UpdateOne

from devora_admin.core import clock, jobs
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.support.documents import issues
from devora_admin.support.sla import policies, stamping
from devora_admin.support.sla.policy import Policy
from devora_admin.support.states import OVER, STATUSES

KIND = "support.sla"
PERMISSION = "issues.manage"
WITH_A_CLOCK: dict[str, Any] = {"sla.policy": {"$exists": True}}
_AT_ONCE = 100
_MOST_OF_A_CHORE = 1000
_FIELDS = {
    "number": 1, "priority": 1, "status": 1, "created_at": 1, "first_replied_at": 1,
    "touched.status": 1, "resolved_at": 1, "revision": 1, "sla": 1,
}  # fmt: skip
Row = dict[str, Any]


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(KIND, permission=PERMISSION, unit="issue")(work)


def work(job: Job) -> Iterator[ItemResult | None]:
    for row in _stale(job.cursor):
        number = row["number"]
        place = [row["sla"]["policy"], number]
        yield ItemResult(str(number), f"#{number}", "done", cursor=place)


def catch_up() -> int:
    """Those that the job missed; how many. A chore of the worker."""
    found = 0
    for _ in _stale(None):
        found += 1
        if found >= _MOST_OF_A_CHORE:
            break
    return found


def begin() -> int:
    """Gives a clock to open issues from before there were any; how many.

    A chore of the worker, which goes on with the rest at its next turn.
    """
    without = {"status": {"$in": sorted(set(STATUSES) - OVER)}, "sla": {"$exists": False}}
    found = 0
    rows = iter(issues().find(without, _FIELDS).limit(_MOST_OF_A_CHORE))
    while some := list(itertools.islice(rows, _AT_ONCE)):
        found += _reckon(some, policies.current())
    return found


def _stale(after: list[int] | None) -> Iterator[Row]:
    """Issues, each reckoned anew by the time it is given."""
    while True:
        policy = policies.current()
        rows = _batch(policy, after)
        if not rows:
            return
        _reckon(rows, policy)
        last = rows[-1]
        after = [last["sla"]["policy"], last["number"]]
        yield from rows


def _batch(policy: Policy, after: list[int] | None) -> list[Row]:
    old: Row = {"sla.policy": {"$lt": policy.revision}}
    if after:
        revision, number = after
        old["sla.policy"]["$gte"] = revision
        old["$or"] = [{"sla.policy": {"$gt": revision}}, {"number": {"$gt": number}}]
    order = [("sla.policy", 1), ("number", 1)]
    return list(issues().find(old, _FIELDS).sort(order).limit(_AT_ONCE))


def _reckon(rows: list[Row], policy: Policy) -> int:
    """Each only if nobody wrote it meanwhile; who did, used this promise or is found again."""
    now = clock.now()
    writes = [
        UpdateOne(
            {
                "_id": row["_id"],
                "revision": row["revision"],
                "sla": row.get("sla") or {"$exists": False},
            },
            _update(stamping.again(row, policy, now=now)),
        )
        for row in rows
    ]
    return issues().bulk_write(writes, ordered=False).matched_count


def _update(put: Row) -> Row:
    gone = {key: "" for key, value in put.items() if value is None}
    kept = {key: value for key, value in put.items() if value is not None}
    return {"$set": kept, **({"$unset": gone} if gone else {})}
