"""How PostgreSQL is reached: from a page within a moment or not at all, from the worker patiently.

A stopped server answers with an error, a hung one with silence: its own timeouts do not run, so
the connection is cut from this side.
"""

import contextlib
import functools
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    connections,
)
from django.db.backends.utils import CursorWrapper
from django.db.transaction import atomic  # noqa: TID251  this is PostgreSQL

from devora_admin.core.breaker import Breaker
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.store.router import ALIAS

PAGE_S = 0.8
_GONE = ("08", "57P", "53")
"""SQLSTATE: no connection, shut down by an operator, out of resources."""
_READ_ONLY = "25006"
"""A copy of the server that may not be written, until it takes the server's place."""
_NOT_SET_UP = ("42P01", "3F000", "42704")
"""No such table, schema or type: the database is new."""
_CANCELLED = "57014"
_LOCKED = "55P03"
_IN_EACH_OTHERS_WAY = ("40P01", "40001", "23503")
"""A deadlock, an order that cannot be, and what hung on a row that another removes."""
_PAUSES_S = (0.05, 0.2, 1.0)
_OF_SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
_EXACT_TO_MS = 50

_P = ParamSpec("_P")
_T = TypeVar("_T")

breaker = Breaker(pause_s=2.0)


@contextlib.contextmanager
def reading(*, within_s: float = PAGE_S, is_first: bool = True) -> Iterator[CursorWrapper]:
    """A cursor in a read-only transaction, for settings by SET LOCAL as well.

    is_first: False beside another one, which alone tells whether the store is away.
    Raises MemoryUnavailable when PostgreSQL is away or silent, and MemoryTooSlow when it is well
    and all that is asked takes longer than `within_s`.
    """
    if breaker.blocks():
        raise MemoryUnavailable
    limit = _Limit(time.monotonic() + within_s)
    told = _told(trips=is_first)
    with told, _cut_after(within_s + 0.1), atomic(using=ALIAS), _cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true),"
            " set_config('transaction_read_only', 'on', true)",
            [str(int(within_s * 1000))],
        )
        limit.told_ms = int(within_s * 1000)
        with connections[ALIAS].execute_wrapper(limit):
            yield cursor
    if is_first:
        breaker.reset()


@contextlib.contextmanager
def step(cursor: CursorWrapper, *, until: float) -> Iterator[None]:
    """A part of a reading that may take too long without spoiling the rest.

    until: on the clock of time.monotonic. Raises MemoryTooSlow.
    """
    limit = next(each for each in cursor.db.execute_wrappers[::-1] if isinstance(each, _Limit))
    before = limit.until
    try:
        with atomic(using=ALIAS):
            limit.until = min(before, until)
            yield
    except DatabaseError as error:
        if _state(error) == _CANCELLED:
            raise MemoryTooSlow from error
        raise
    finally:
        limit.until, limit.told_ms = before, 0


class _Limit:
    """Each statement may take what is left of the time for all of them."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.told_ms = 0
        """What the server was told last; 0 when nobody knows."""

    def __call__(
        self, execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any
    ) -> Any:
        if not sql.startswith(_OF_SAVEPOINTS):
            left_ms = int((self.until - time.monotonic()) * 1000)
            if left_ms < 1:
                raise MemoryTooSlow
            if abs(left_ms - self.told_ms) > _EXACT_TO_MS:
                tell = "SELECT set_config('statement_timeout', %s, true)"
                execute(tell, [str(left_ms)], False, context)
                self.told_ms = left_ms
        return execute(sql, values, many, context)


@contextlib.contextmanager
def writing(*, within_s: float = 30.0) -> Iterator[CursorWrapper]:
    """A cursor in a transaction. Raises MemoryUnavailable when PostgreSQL is away or silent."""
    with _told(), _cut_after(within_s), atomic(using=ALIAS, durable=True), _cursor() as cursor:
        try:
            yield cursor
        except InternalError as error:
            if _state(error) == _READ_ONLY:
                raise MemoryUnavailable from error
            raise
    breaker.reset()


@contextlib.contextmanager
def patient(*, within_s: float = 600.0) -> Iterator[None]:
    """For what makes its own transactions. Raises MemoryUnavailable as the others do."""
    with _told(), _cut_after(within_s):
        yield
    breaker.reset()


def tried_again(work: Callable[_P, _T]) -> Callable[_P, _T]:
    """Begins a transaction anew, a few times, when another one was in its way."""

    @functools.wraps(work)
    def persistent(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for pause_s in _PAUSES_S:
            try:
                return work(*args, **kwargs)
            except DatabaseError as error:
                if _state(error) not in _IN_EACH_OTHERS_WAY:
                    raise
            time.sleep(pause_s)
        return work(*args, **kwargs)

    return persistent


def is_locked(error: DatabaseError) -> bool:
    """Whether a lock was not to be had within the lock_timeout."""
    return _state(error) == _LOCKED


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the store is away, as against a fault of ours or of what was to be stored."""
    if isinstance(error, MemoryUnavailable | InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = _state(error)
    return state is None or state.startswith(_GONE)


def _state(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


@contextlib.contextmanager
def _told(*, trips: bool = True) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if is_unavailable(error):
            if trips:
                breaker.trip()
            # What was cut is broken, and would be handed out again.
            _discard()
            raise MemoryUnavailable from error
        if _state(error) == _CANCELLED:
            raise MemoryTooSlow from error
        if _state(error) in _NOT_SET_UP:
            raise MemoryUnavailable(
                "Memory is not set up yet. The worker does that by itself."
            ) from error
        raise


@contextlib.contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    """A lost connection is left within its transaction: Django would make another to roll back."""
    try:
        with connections[ALIAS].cursor() as cursor:
            yield cursor
    except DatabaseError as error:
        if is_unavailable(error):
            _discard()
        raise


@contextlib.contextmanager
def _cut_after(seconds: float) -> Iterator[None]:
    descriptor = _connected()

    def cut() -> None:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
            copy.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _connected() -> int:
    """The socket of a connection that was not closed from the other side while it was idle."""
    connection = connections[ALIAS]
    while True:
        connection.ensure_connection()
        if not connection.in_atomic_block and connection.connection.closed:
            _discard()
            continue
        with connection.wrap_database_errors:
            descriptor: int = connection.connection.fileno()
        # An idle server says nothing: what can be read is the end.
        if connection.in_atomic_block or not select.select([descriptor], [], [], 0)[0]:
            return descriptor
        _discard()


def _discard() -> None:
    connection = connections[ALIAS]
    with contextlib.suppress(DatabaseError):
        if connection.connection is not None:
            connection.connection.close()
        connection.close()
