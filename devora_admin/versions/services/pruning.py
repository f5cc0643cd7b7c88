"""Retention: every version for 30 days, the last one of a day for a year, named ones and the
newest of each project for ever. What is removed takes along the contents that nothing else needs,
in one transaction, so it is safe beside whatever writes meanwhile.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

import pymongo
from django.utils import timezone

from devora_admin.core import clock, mongo
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.forgetting import forget, forget_project

KEEP_ALL = timedelta(days=30)
KEEP_DAILY = timedelta(days=365)
_PATIENCE_S = 300.0
_VERSIONS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Pruned:
    """Of one project."""

    project_id: str
    versions: int


def prune(*, now: datetime | None = None, dry_run: bool = False) -> Iterator[Pruned]:
    """One project after the other; those of which nothing is removed are left out."""
    now = now or clock.now()
    for project_id in _old_projects(now):
        doomed = _doomed(project_id, now)
        removed = len(doomed) if dry_run else _remove(doomed)
        if removed:
            yield Pruned(project_id, removed)
    if not dry_run:
        _forget_deleted(now)


def _old_projects(now: datetime) -> list[str]:
    """Ids of projects that may have a version to remove. A single one is kept for a year."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"sealed_at": {"$lt": now - KEEP_ALL}}},
        {
            "$group": {
                "_id": "$project_id", "count": {"$sum": 1}, "oldest": {"$min": "$sealed_at"}
            }
        },
        {"$match": {"$or": [{"count": {"$gt": 1}}, {"oldest": {"$lt": now - KEEP_DAILY}}]}},
        {"$project": {"_id": 1}},
    ]  # fmt: skip
    with pymongo.timeout(_PATIENCE_S):
        return [row["_id"] for row in versions().aggregate(pipeline, allowDiskUse=True)]


def _doomed(project_id: str, now: datetime) -> list[Any]:
    """`_id` of the versions to be removed."""
    found = versions().find(
        {"project_id": project_id}, {"sealed_at": 1, "name": 1}
    ).sort("number", -1)  # fmt: skip
    older = list(found)[1:]  # never the newest: what comes next is compared with it
    aged = [row for row in older if not row.get("name") and row["sealed_at"] < now - KEEP_ALL]
    doomed = []
    for _, day in groupby(aged, key=lambda row: timezone.localdate(row["sealed_at"])):
        last, *others = day
        doomed += others
        if last["sealed_at"] < now - KEEP_DAILY:
            doomed.append(last)
    return [row["_id"] for row in doomed]


def _remove(doomed: list[Any]) -> int:
    removed = 0
    for start in range(0, len(doomed), _VERSIONS_AT_ONCE):
        # One that was named since it was looked at stays.
        some = {"_id": {"$in": doomed[start : start + _VERSIONS_AT_ONCE]}, "name": None}
        removed += mongo.run_in_transaction(partial(forget, versions(), some))
    return removed


def _forget_deleted(now: datetime) -> None:
    """Projects that were deleted a while ago, with all their versions."""
    gone = heads().find({"deleted_at": {"$lt": now - KEEP_ALL}}, {"project_id": 1})
    for row in gone:
        forget_project(row["project_id"])


def prune_for(seconds: float) -> None:
    """A worker's chore: what is left over is met by the next one."""
    until = time.monotonic() + seconds
    for _ in prune():
        if time.monotonic() > until:
            return
