"""Bringing PostgreSQL to what this version expects."""

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from devora_admin.memory.store import reach
from devora_admin.memory.store.router import ALIAS

_MIGRATING = 7_361_201
"""Of an advisory lock: two processes must not migrate at once."""
_LOOKING_S = 10.0


def is_ready() -> bool:
    """Raises MemoryUnavailable."""
    with reach.patient(within_s=_LOOKING_S):
        executor = MigrationExecutor(connections[ALIAS])
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def make_ready() -> None:
    """Migrates, unless another process just did. Raises MemoryUnavailable."""
    if is_ready():
        return
    with reach.patient():
        connection = connections[ALIAS]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
            try:
                call_command("migrate", database=ALIAS, interactive=False, verbosity=0)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])
