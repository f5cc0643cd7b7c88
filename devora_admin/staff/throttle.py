"""Attempts, counted before any password is hashed, so that guessing costs us nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.staff.documents import LOGIN_ATTEMPTS

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 50


class TooManyAttempts(Exception):
    def __init__(self, attempt: "Attempt") -> None:
        super().__init__("too many attempts")
        self.retry_at = attempt.retry_at


@dataclass(frozen=True, slots=True)
class Attempt:
    allowed: bool
    retry_at: datetime


def count_attempt(key: str, *, limit: int) -> Attempt:
    """Counts one attempt in one atomic update; parallel attempts each see their own number."""
    now = clock.now()
    live = {"$gt": ["$expires_at", now]}
    counted: dict[str, Any] = mongo.database()[LOGIN_ATTEMPTS].find_one_and_update(  # type: ignore[assignment]  # an upsert returns the document
        {"_id": key},
        [
            {
                "$set": {
                    "count": {"$cond": [live, {"$add": ["$count", 1]}, 1]},
                    "expires_at": {"$cond": [live, "$expires_at", now + WINDOW]},
                }
            }
        ],
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return Attempt(allowed=counted["count"] <= limit, retry_at=counted["expires_at"])


def require_attempts(*limits: tuple[str, int]) -> None:
    """Counts one attempt under each key. Raises TooManyAttempts at the first one over its limit."""
    for key, limit in limits:
        attempt = count_attempt(key, limit=limit)
        if not attempt.allowed:
            raise TooManyAttempts(attempt)


def clear_attempts(key: str) -> None:
    mongo.database()[LOGIN_ATTEMPTS].delete_one({"_id": key})


def use_once(key: str) -> bool:
    """Whether nobody used `key` within the window."""
    row = {"_id": f"once:{key}", "expires_at": clock.now() + WINDOW}
    try:
        mongo.database()[LOGIN_ATTEMPTS].insert_one(row)
    except DuplicateKeyError:
        return False
    return True
