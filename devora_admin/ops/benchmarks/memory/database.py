"""PostgreSQL databases of the benchmark alone, beside the one that memory uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections

from devora_admin.memory.queries import frequencies
from devora_admin.memory.store import schema
from devora_admin.memory.store.router import ALIAS
from devora_admin.ops.benchmarks.bench import check_name


@contextmanager
def own(name: str) -> Iterator[None]:
    """Memory's connection leads there meanwhile; it is made when it is missing, and stays."""
    check_name(name)
    with _server() as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'CREATE DATABASE "{name}"')
    known = _lead_to(name)
    try:
        schema.make_ready()
        frequencies.forget()
        yield
    finally:
        _lead_to(known)


def drop(name: str) -> None:
    check_name(name)
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _lead_to(name: str) -> str:
    connection: Any = connections[ALIAS]
    connection.close()
    connection.close_pool()
    before = str(connection.settings_dict["NAME"])
    connection.settings_dict["NAME"] = name
    return before


def _server() -> "psycopg.Connection[Any]":
    known = connections[ALIAS].settings_dict
    return psycopg.connect(
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
        host=known["HOST"],
        port=known["PORT"] or None,
        autocommit=True,
    )
