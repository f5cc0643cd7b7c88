"""How often a program may ask: counted in the database before any work, for all servers at once."""

from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument

from devora_admin.core import clock, mongo
from devora_admin.support.api.documents import RATES
from devora_admin.support.api.errors import TooManyRequests

PER_MINUTE = 300
_WINDOW_S = 60


def count(client_id: str) -> None:
    """Counts one request; parallel ones each see their own number. Raises TooManyRequests."""
    now = clock.now()
    minute, gone_s = divmod(int(now.timestamp()), _WINDOW_S)
    counted: dict[str, Any] = mongo.database()[RATES].find_one_and_update(  # type: ignore[assignment]  # an upsert returns the document
        {"_id": f"{client_id}:{minute}"},
        {
            "$inc": {"count": 1},
            "$setOnInsert": {"expires_at": now + timedelta(seconds=2 * _WINDOW_S)},
        },
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    if counted["count"] > PER_MINUTE:
        raise TooManyRequests(PER_MINUTE, _WINDOW_S - gone_s)
