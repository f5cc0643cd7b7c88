"""Answers at once while MongoDB is gone, so that waiting requests do not pile up behind it.

Each blocked request would hold a thread for the whole store timeout; a few dozen of them would
make everyone wait for many times that. After a connection failure one request at a time tries
the store, the rest are told straight away.
"""

import threading
import time


class Breaker:
    def __init__(self, *, pause_s: float = 1.0) -> None:
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._next_try = 0.0
        self._tripped = False

    def blocks(self) -> bool:
        """Whether this request should not try. The first one after the pause may."""
        if not self._tripped:
            return False
        with self._lock:
            now = time.monotonic()
            if now < self._next_try:
                return True
            self._next_try = now + self._pause_s
            return False

    def trip(self) -> None:
        with self._lock:
            self._tripped = True
            self._next_try = time.monotonic() + self._pause_s

    def reset(self) -> None:
        self._tripped = False


store = Breaker()
