"""Retention: every version for 30 days, the last one of a day for a year, named ones and the
newest of each project for ever. What is removed takes along the contents that nothing else needs,
in one transaction, so it is safe beside whatever writes meanwhile.
"""

import math
import random
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
from devora_admin.versions.forgetting import PATIENCE_S, forget, forget_project

KEEP_ALL = timedelta(days=30)
KEEP_DAILY = timedelta(days=365)
_LOOKING_S = 300.0
_VERSIONS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Pruned:
    """Of one project."""

    project_id: str
    versions: int


def prune(
    *, now: datetime | None = None, dry_run: bool = False, until_s: float = math.inf
) -> Iterator[Pruned]:
    """One project after the other; those of which nothing is removed are left out.

    until_s: of `time.monotonic`; the step that is being taken then is the last.
    """
    now = now or clock.now()
    for project_id in _old_projects(now):
        if time.monotonic() > until_s:
            return
        doomed = _doomed(project_id, now)
        removed = len(doomed) if dry_run else _remove(doomed, until_s)
        if removed:
            yield Pruned(project_id, removed)
    if not dry_run:
        _forget_deleted(now, until_s)


def _old_projects(now: datetime) -> list[str]:
    """Ids of projects that may have a version to remove. A single one is kept for a year.

    In any order, so that none is kept from its turn by what stands before it.
    """
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
    with pymongo.timeout(_LOOKING_S):
        found = [row["_id"] for row in versions().aggregate(pipeline, allowDiskUse=True)]
    random.shuffle(found)
    return found


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


def _remove(doomed: list[Any], until_s: float) -> int:
    removed = 0
    for start in range(0, len(doomed), _VERSIONS_AT_ONCE):
        if time.monotonic() > until_s:
            break
        # One that was named since it was looked at stays.
        some = {"_id": {"$in": doomed[start : start + _VERSIONS_AT_ONCE]}, "name": None}
        work = partial(forget, versions(), some)
        removed += mongo.run_in_transaction(work, patience_s=PATIENCE_S)
    return removed


def _forget_deleted(now: datetime, until_s: float) -> None:
    """Projects that were deleted a while ago, with all their versions."""
    gone = list(heads().find({"deleted_at": {"$lt": now - KEEP_ALL}}, {"project_id": 1}))
    random.shuffle(gone)
    for row in gone:
        if not forget_project(row["project_id"], until_s=until_s):
            return


def prune_for(seconds: float) -> None:
    """A worker's chore: what is left over is met by the next one."""
    for _ in prune(until_s=time.monotonic() + seconds):
        pass
