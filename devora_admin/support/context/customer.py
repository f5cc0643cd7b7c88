"""The customer of an issue in brief: who they are, what they pay for, how much they have here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.projects.queries import customers as of_customer
from devora_admin.support import states
from devora_admin.support.documents import issues
from devora_admin.support.page_parts import Can
from devora_admin.support.queries.issue import Issue
from devora_admin.users.queries import CustomerProfile, customer_profile

MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class CustomerBrief:
    profile: CustomerProfile | None
    """None when the platform has no such customer any more."""
    projects: int
    """Archived ones too, and no more than MOST_COUNTED + 1, like the issues."""
    issues: int
    open_issues: int
    """Neither resolved nor closed, this one included."""
    may_extend: bool
    may_change_keys: bool

    @property
    def most_counted(self) -> int:
        return MOST_COUNTED


def customer_brief(issue: Issue, can: Can) -> CustomerBrief | None:
    """Two round trips; None for an issue of the platform."""
    if not issue.user_id:
        return None
    try:
        profile = customer_profile(issue.user_id)
    except NotFound:
        profile = None
    collection = issues().with_options(codec_options=raw_bson.LENIENT)
    found = _counts(collection.aggregate(_stages(issue.user_id)))
    is_there = profile is not None
    return CustomerBrief(
        profile,
        projects=found.pop("projects", 0),
        issues=sum(found.values()),
        open_issues=sum(count for status, count in found.items() if status not in states.OVER),
        may_extend=is_there and can("users.plan"),
        may_change_keys=is_there and can("settings.view") and can("secrets.change"),
    )


def _stages(user_id: str) -> list[dict[str, Any]]:
    return [
        {"$match": {"user_id": user_id}},
        {"$limit": MOST_COUNTED + 1},
        {"$group": {"_id": "$status", "count": {"$sum": 1}}},
        {"$unionWith": {"coll": of_customer.PROJECTS, "pipeline": of_customer.counted(user_id)}},
    ]


def _counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """By status; that of the projects under their own name."""
    return {row.get("_id", "projects"): row["count"] for row in rows}
