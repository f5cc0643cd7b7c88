"""The filters of the customers list, as MongoDB conditions."""

from dataclasses import dataclass
from datetime import datetime

from devora_admin.core.listing.conditions import within
from devora_admin.core.listing.spec import Condition, Walked
from devora_admin.users.groups import CUSTOMERS

ACTIVE = "active"
SORTS = ("created_at", "last_seen_at", "name", "email")


@dataclass(frozen=True, slots=True)
class CustomerFilters:
    q: str = ""
    status: str = ""
    plan: str = ""
    subscription: str = ""
    """The state of the subscription: active, past_due, …"""
    created_from: datetime | None = None
    created_before: datetime | None = None
    seen_from: datetime | None = None
    seen_before: datetime | None = None
    group: str = ""
    """A key of users.groups."""

    @property
    def any_set(self) -> bool:
        return self != CustomerFilters()


def filters_condition(filters: CustomerFilters) -> Condition:
    """All filters but the search text."""
    parts: list[Condition] = [
        _status(filters.status),
        {"subscription.plan": filters.plan} if filters.plan else {},
        {"subscription.status": filters.subscription} if filters.subscription else {},
        within("created_at", filters.created_from, filters.created_before),
        within("last_seen_at", filters.seen_from, filters.seen_before),
        CUSTOMERS.condition(filters.group) if filters.group else {},
    ]
    parts = [part for part in parts if part]
    return {"$and": parts} if parts else {}


def _status(wanted: str) -> Condition:
    """Without a status a customer is active."""
    if not wanted:
        return {}
    if wanted.casefold() == ACTIVE:
        return {"status": {"$in": [ACTIVE, "", None]}}
    return {"status": wanted}


def walked(filters: CustomerFilters, sort: str) -> Walked:
    return Walked(f"list_any_{sort}")
