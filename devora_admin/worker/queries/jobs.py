"""Jobs as their pages show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import jobs, mongo
from devora_admin.core.jobs import ItemResult, Job, Outcome
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor

PAGE_SIZE = 50
_JOBS, _ITEMS = "jobs", "job-items"


@dataclass(frozen=True, slots=True)
class JobsPage:
    jobs: list[Job]
    next: str
    """A cursor, or "" at the end."""


@dataclass(frozen=True, slots=True)
class ItemsPage:
    items: list[ItemResult]
    next: str


def jobs_page(cursor: str) -> JobsPage:
    """Raises InvalidInput for a damaged cursor."""
    before: tuple[datetime, str] | None = None
    if cursor:
        moment, job_id = decode_cursor(cursor, scope=_JOBS).key
        before = (moment, job_id)
    found = jobs.recent(before=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return JobsPage(shown, _next(_JOBS, shown[-1].created_at, shown[-1].id) if more else "")


def unfinished() -> dict[str, int]:
    """How many jobs wait and how many run."""
    by_state = {"$group": {"_id": "$state", "count": {"$sum": 1}}}
    found = mongo.database()[jobs.JOBS].aggregate(
        [{"$match": {"state": {"$in": ["waiting", "running"]}}}, by_state]
    )
    return {"waiting": 0, "running": 0, **{row["_id"]: row["count"] for row in found}}


def items_page(job: Job, *, outcome: Outcome | None, cursor: str) -> ItemsPage:
    after = ""
    if cursor:
        (after,) = decode_cursor(cursor, scope=f"{_ITEMS}:{job.id}").key
    found = jobs.items(job.id, outcome=outcome, after=after, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return ItemsPage(shown, _next(f"{_ITEMS}:{job.id}", shown[-1].place) if more else "")


def _next(scope: str, *key: Any) -> str:
    return encode_cursor(Cursor("after", scope, key))
