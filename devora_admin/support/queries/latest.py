"""The latest issues of one customer or project, for panels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING

from devora_admin.support.documents import ISSUES, issues
from devora_admin.support.queries.inbox import Condition

SHOWN = 6
MOST_COUNTED = 1_000
_FIELDS = {"_id": 0, "number": 1, "subject": 1, "status": 1, "priority": 1, "updated_at": 1}


@dataclass(frozen=True, slots=True)
class LatestIssue:
    number: int
    subject: str
    status: str
    priority: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Latest:
    rows: tuple[LatestIssue, ...]
    count: int
    """All of them, but no more than MOST_COUNTED + 1."""

    @property
    def is_count_capped(self) -> bool:
        return self.count > MOST_COUNTED


def latest_stages(user_id: str) -> list[dict[str, Any]]:
    """Reads those of a customer, for `latest_of`."""
    return _stages({"user_id": {"$eq": user_id}})


def latest_of(rows: list[Mapping[str, Any]]) -> Latest:
    shown = tuple(LatestIssue(**_plain(each)) for each in rows if "count" not in each)
    return Latest(shown, sum(each.get("count", 0) for each in rows))


def of_project(project_id: str) -> Latest:
    """One round trip."""
    return latest_of(list(issues().aggregate(_stages({"project_id": {"$eq": project_id}}))))


def _stages(theirs: Condition) -> list[dict[str, Any]]:
    counted = [{"$match": theirs}, {"$limit": MOST_COUNTED + 1}, {"$count": "count"}]
    return [
        {"$match": theirs},
        {"$sort": {"updated_at": DESCENDING, "number": DESCENDING}},
        {"$limit": SHOWN},
        {"$project": _FIELDS},
        {"$unionWith": {"coll": ISSUES, "pipeline": counted}},
    ]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the page added to the rows of all panels."""
    return {key: row[key] for key in ("number", "subject", "status", "priority", "updated_at")}
