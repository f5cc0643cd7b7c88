"""How often a program may ask: counted in the database before any work, for all servers at once.

The count stands in the program's own document, so that looking its token up counts the request in
the same round trip.
"""

from typing import Any

from devora_admin.api.errors import TooManyRequests
from devora_admin.core import clock

PER_MINUTE = 300
"""Where nothing else was set for a program."""
MOST_PER_MINUTE = 60_000
_WINDOW_S = 60


def counting() -> list[dict[str, Any]]:
    """An update that counts one request of this minute."""
    minute = int(clock.now().timestamp()) // _WINDOW_S
    is_same = {"$eq": ["$asked.minute", minute]}
    count = {"$cond": [is_same, {"$add": ["$asked.count", 1]}, 1]}
    return [{"$set": {"asked": {"minute": minute, "count": count}}}]


def hold(count: int, limit: int) -> None:
    """count: of this minute. Raises TooManyRequests."""
    if count > limit:
        gone_s = int(clock.now().timestamp()) % _WINDOW_S
        raise TooManyRequests(limit, _WINDOW_S - gone_s)
