"""What happened in each of the last minutes, for who looks on live. No rebuild makes these again:
they are gone after two hours."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import MINUTES
from devora_admin.analytics.rollups.tally import Counted
from devora_admin.core import clock, mongo

KEPT = timedelta(hours=2)
Key = tuple[datetime, str]


def add(counted: Iterable[Counted], session: ClientSession) -> None:
    """Those of the last minutes; what comes late is in the other rollups alone."""
    since = clock.now() - KEPT / 2
    found: dict[Key, dict[str, int]] = {}
    for facts, event_type, _ in counted:
        if facts.at < since:
            continue
        key = facts.at.replace(second=0, microsecond=0), event_type
        numbers = found.setdefault(key, {"n": 0, "tokens": 0, "cost": 0})
        numbers["n"] += 1
        numbers["tokens"] += facts.tokens or 0
        numbers["cost"] += facts.cost_micro or 0
    if found:
        writes = [_write(key, numbers) for key, numbers in found.items()]
        mongo.database()[MINUTES].bulk_write(writes, ordered=False, session=session)


def _write(key: Key, numbers: dict[str, int]) -> UpdateOne:
    minute, event_type = key
    held: dict[str, Any] = {"minute": minute, "event_type": event_type}
    return UpdateOne({"_id": held}, {"$inc": numbers, "$setOnInsert": {"at": minute}}, upsert=True)
