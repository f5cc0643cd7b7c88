"""The registered loops, each in its threads, until told to stop."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from devora_admin.core import loops
from devora_admin.core.frames import with_room
from devora_admin.core.loops import Loop

log = logging.getLogger(__name__)
STOP_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 5.0
_NICE = 10
"""Behind pages and change streams, where they share a machine."""


@contextmanager
def running(stop: threading.Event) -> Iterator[None]:
    """A thread that does not end in time is left behind: no step leaves half a thing."""
    threads = [
        threading.Thread(target=with_room(_run), args=(loop, stop), name=loop.name, daemon=True)
        for loop in loops.registered()
        for _ in range(loop.threads)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        until = time.monotonic() + STOP_TIMEOUT_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def _run(loop: Loop, stop: threading.Event) -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    pause_s, last_fault = _FIRST_PAUSE_S, ""
    while not stop.is_set():
        try:
            wait_s = loop.step()
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
            if fault != last_fault:  # said once, not every few seconds of an outage
                log.warning("%s: %s", loop.name, fault, exc_info=not _is_expected(error))
            last_fault = fault
            stop.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            continue
        pause_s, last_fault = _FIRST_PAUSE_S, ""
        if wait_s:
            stop.wait(wait_s)


def _is_expected(error: Exception) -> bool:
    from devora_admin.core import mongo
    from devora_admin.core.errors import DomainError

    return isinstance(error, DomainError) or mongo.is_unavailable(error)
