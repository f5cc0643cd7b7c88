"""The followers of this process, beside its jobs."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from devora_admin.core import consumers
from devora_admin.core.frames import with_room
from devora_admin.worker.following.follower import Follower

STOP_TIMEOUT_S = 5.0


@contextmanager
def running(name: str, stop: threading.Event) -> Iterator[int]:
    """Follows for every registered consumer until `stop`; how many there are.

    A follower that does not end in time is left behind: nothing it still writes is half a thing.
    """
    threads = [
        threading.Thread(
            target=with_room(Follower(consumer, owner=name, stop=stop).run),
            name=f"follower of {consumer.name}",
            daemon=True,
        )
        for consumer in consumers.registered()
    ]
    for thread in threads:
        thread.start()
    try:
        yield len(threads)
    finally:
        stop.set()
        until = time.monotonic() + STOP_TIMEOUT_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
