"""What the forms about a customer start from: the stored values, whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.users.documents import customers
from devora_admin.users.services import fields
from devora_admin.users.services.standing import ACTIVE, SUSPENDED

_PLANS_LOOKED_AT = 5000


@dataclass(frozen=True, slots=True)
class Editable:
    id: str
    label: str
    name: str
    email: str
    status: str
    plan: str
    period_end: datetime | None
    merged_into: str

    @property
    def is_suspended(self) -> bool:
        return self.status == SUSPENDED


def editable(user_id: str) -> Editable:
    """Raises NotFound. A value of another type than it should be is shown as none."""
    found = fields.decoded(fields.read(user_id))
    subscription = found.get("subscription")
    paid = subscription if isinstance(subscription, dict) else {}
    period_end = paid.get("current_period_end")
    return Editable(
        id=user_id,
        label=fields.label_of(found, user_id),
        name=_text(found, "name"),
        email=_text(found, "email"),
        status=_text(found, "status") or ACTIVE,
        plan=_text(paid, "plan"),
        period_end=period_end if isinstance(period_end, datetime) else None,
        merged_into=_text(found, "merged_into"),
    )


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def plans_seen(*, limit: int = 20) -> list[str]:
    """Names of plans in use, the commonest first, from a part of the customers."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"subscription.plan": {"$type": "string"}}},
        {"$limit": _PLANS_LOOKED_AT},
        {"$group": {"_id": "$subscription.plan", "count": {"$sum": 1}}},
        {"$sort": {"count": -1, "_id": 1}},
        {"$limit": limit},
    ]
    found = (row["_id"] for row in customers().aggregate(pipeline))
    return [plan for plan in found if isinstance(plan, str) and 0 < len(plan) <= 60]
