"""Runs jobs one after the other, and chores in between, until told to stop; waits out a store that
is away."""

import logging
import os
import socket
import threading

from devora_admin.core import chores, job_runner, mongo
from devora_admin.core.ids import new_id

log = logging.getLogger(__name__)
IDLE_S = 0.5
_LONGEST_PAUSE_S = 10.0


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{new_id()[:8]}"


def work(stop: threading.Event, *, name: str | None = None) -> None:
    name = name or worker_name()
    pause_s = IDLE_S
    rota = chores.Rota()
    while not stop.is_set():
        try:
            rota.run_due()
            ran = job_runner.run_next(name, stopping=stop.is_set)
        except Exception as error:
            if not mongo.is_unavailable(error):
                raise
            log.warning("the store is not answering; trying again in %.1f s", pause_s)
            stop.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            continue
        pause_s = IDLE_S
        if not ran:
            stop.wait(IDLE_S)
