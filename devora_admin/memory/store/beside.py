"""A second question to PostgreSQL at the same time, on a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from django.db import DatabaseError, connections
from django.db.backends.utils import CursorWrapper

from devora_admin.memory.store import reach
from devora_admin.memory.store.router import ALIAS

_MOST = 2
"""Questions of a process: with more of them the server's processors are busy as it is, and nobody
may take the connections that pages wait for."""

_Answer = TypeVar("_Answer")

_threads = ThreadPoolExecutor(_MOST, thread_name_prefix="beside")
_free = threading.BoundedSemaphore(_MOST)


def ask(question: Callable[[CursorWrapper], _Answer], *, within_s: float) -> Future[_Answer] | None:
    """None where as many are asked already. The answer raises what `reach.reading` does."""
    if not _free.acquire(blocking=False):
        return None
    try:
        return _threads.submit(_ask, question, within_s)
    except RuntimeError:  # the process is ending, or has as many threads as it may
        _free.release()
        return None


def _ask(question: Callable[[CursorWrapper], _Answer], within_s: float) -> _Answer:
    try:
        with reach.reading(within_s=within_s, is_first=False) as cursor:
            return question(cursor)
    finally:
        with suppress(DatabaseError):
            connections[ALIAS].close()  # to the pool
        with suppress(ValueError):  # released already, where it was queued and nobody was to do it
            _free.release()
