"""Events that could not be counted, or in which a number could not, and why. The event stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import QUARANTINE
from devora_admin.core import clock, mongo
from devora_admin.core.raw_bson import is_text


@dataclass(frozen=True, slots=True)
class Doubt:
    key: Any
    """The event's `_id`."""
    reason: str
    is_counted: bool
    """Without that number."""
    event_type: Any
    user_id: Any


def set_aside(doubts: Iterable[Doubt], session: ClientSession) -> None:
    now = clock.now()
    writes = [
        UpdateOne(
            {"_id": doubt.key},
            {
                "$set": {
                    "reason": doubt.reason,
                    "is_counted": doubt.is_counted,
                    "event_type": _short(doubt.event_type),
                    "user_id": doubt.user_id if is_text(doubt.user_id) else "",
                },
                "$setOnInsert": {"at": now},
            },
            upsert=True,
        )
        for doubt in doubts
    ]
    if writes:
        mongo.database()[QUARANTINE].bulk_write(writes, ordered=False, session=session)


def _short(value: Any) -> str:
    return value[:100] if is_text(value) else ""
