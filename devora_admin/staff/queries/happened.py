"""How often what was done, from an index of the audit log alone: nothing of whom it was done to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from devora_admin.core import mongo
from devora_admin.staff.documents import AUDIT_LOG

MOST = 5_000
"""Entries that are counted: the latest."""


@dataclass(frozen=True, slots=True)
class Happened:
    action: str
    count: int
    first_at: datetime


def happened(
    actions: Sequence[str], since: datetime, until: datetime, *, unit: str, zone_name: str
) -> tuple[list[Happened], bool]:
    """By action and hour, day, week or month, and whether there is more than was counted; one round
    trip. unit: as MongoDB calls it; weeks begin on Monday."""
    moment = {"date": "$at", "unit": unit, "timezone": zone_name, "startOfWeek": "monday"}
    if unit != "week":
        del moment["startOfWeek"]
    found = list(
        mongo.database()[AUDIT_LOG].aggregate(
            [
                {"$match": {"action": {"$in": list(actions)}, "at": {"$gte": since, "$lt": until}}},
                {"$sort": {"at": -1}},
                {"$limit": MOST + 1},
                {"$project": {"_id": 0, "action": 1, "at": 1}},
                {
                    "$group": {
                        "_id": {"action": "$action", "of": {"$dateTrunc": moment}},
                        "count": {"$sum": 1},
                        "first_at": {"$min": "$at"},
                    }
                },
            ]
        )
    )
    is_cut = sum(row["count"] for row in found) > MOST
    return [Happened(row["_id"]["action"], row["count"], row["first_at"]) for row in found], is_cut
