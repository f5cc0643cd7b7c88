"""A PostgreSQL that does not answer any more, and is not gone either."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from devora_admin.embedded.postgres import EmbeddedPostgres


@contextmanager
def hung(store: EmbeddedPostgres) -> Iterator[None]:
    everyone = [store.pid, *(each.pid for each in psutil.Process(store.pid).children(True))]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everyone:
            os.kill(pid, signal.SIGCONT)
