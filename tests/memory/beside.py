"""Transactions beside each other, in the order in which they get in each other's way."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections

from devora_admin.memory.store.router import ALIAS

_PATIENCE_S = 20.0
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"


@contextmanager
def another() -> Iterator["psycopg.Connection[Any]"]:
    """A connection of somebody else's, to the same database."""
    known = connections[ALIAS].get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: known[name] for name in names if name in known}) as connection:
        yield connection


def until_locked() -> None:
    """Until a transaction waits for another."""
    end = time.monotonic() + _PATIENCE_S
    with another() as looking:
        looking.autocommit = True
        while looking.execute(_WAITING).fetchone() == (0,):
            assert time.monotonic() < end, "nobody waits"
            time.sleep(0.02)


@contextmanager
def in_thread(work: Callable[[], Any]) -> Iterator["Future[Any]"]:
    """Its result or error is the future's."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections[ALIAS].close()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run)


@contextmanager
def held_after(statement: str, work: Callable[[], Any]) -> Iterator["tuple[Future[Any], Any]"]:
    """`work` in a thread, which stays in its transaction after that statement until let go."""
    reached, let_go = threading.Event(), threading.Event()

    def hold(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        result = execute(sql, *given)
        if statement in sql:
            reached.set()
            assert let_go.wait(_PATIENCE_S)
        return result

    def held() -> Any:
        with connections[ALIAS].execute_wrapper(hold):
            return work()

    with in_thread(held) as future:
        try:
            assert reached.wait(_PATIENCE_S), future.exception(0)
            yield future, let_go
        finally:
            let_go.set()
