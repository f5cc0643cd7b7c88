"""How following goes: where it is, how fast, and how far behind."""

import time
from collections import deque
from datetime import datetime
from typing import Any

RATE_OVER_S = 60.0


class Rate:
    """Changes a second, over the last minute or since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._counts: deque[tuple[float, int]] = deque()
        self._sum = 0

    def add(self, count: int) -> None:
        self._counts.append((time.monotonic(), count))
        self._sum += count

    def now(self) -> float:
        now = time.monotonic()
        while self._counts and self._counts[0][0] < now - RATE_OVER_S:
            self._sum -= self._counts.popleft()[1]
        return round(self._sum / min(RATE_OVER_S, max(1.0, now - self._began)), 2)


class Progress:
    """Kept by the follower, stored with what it writes and whenever the lease is renewed."""

    def __init__(self) -> None:
        self.rate = Rate()
        self.at_hand_since: datetime | None = None
        """When the oldest change came that was read and is not stored yet."""
        self.behind_since: datetime | None = None
        """When the last change came that was stored, while there are more; else None."""

    def values(self) -> dict[str, Any]:
        return {"rate": self.rate.now(), "behind_since": self.at_hand_since or self.behind_since}
