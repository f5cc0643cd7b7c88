"""ClickHouse: one table with a row for each event, and how it is written to.

An event may be inserted again, when the worker did not live to note that it was, or because it got
its dimensions or another customer. The table keeps the one with the highest version: of rows with
the same id `FINAL` sees one, and merges keep one.
"""

import hashlib
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from devora_admin.analytics.warehouse.columns import COLUMNS, Row
from devora_admin.analytics.warehouse.packages import NotInstalled, needed
from devora_admin.core.consumers import Away

TABLE = "analytics_events"
_CONNECT_S, _ANSWER_S = 5, 60
_columns = ",\n    ".join(f"{c.name} {c.clickhouse}" for c in COLUMNS)
TABLE_SQL = f"""\
CREATE TABLE IF NOT EXISTS {TABLE} (
    {_columns},
    version UInt64
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(ifNull(timestamp, toDateTime64(0, 3, 'UTC')))
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000"""
_NAMES = [*(c.name for c in COLUMNS), "version"]
_TYPES = [*(c.clickhouse for c in COLUMNS), "UInt64"]

Versioned = tuple[Row, int]
"""A row, and the moment that it is of: the greater one holds."""

_lock = threading.Lock()
_open: list[Any] = []


def is_on() -> bool:
    return bool(settings.CLICKHOUSE_URL)


def insert(rows: Sequence[Versioned]) -> None:
    """Returns once ClickHouse has them. Raises Away."""
    if not rows:
        return
    # The same rows again are no rows: a block that got this name before is passed over.
    name = "\n".join(f"{row.id} {version}" for row, version in rows)
    with _client() as client:
        client.insert(
            TABLE,
            [(*row, version) for row, version in rows],
            column_names=_NAMES,
            column_type_names=_TYPES,
            settings={
                "insert_deduplication_token": hashlib.sha256(name.encode()).hexdigest(),
                "async_insert": 0,
                # Old events that come together may be of any month.
                "max_partitions_per_insert_block": 0,
            },
        )


def delete(ids: Collection[str]) -> None:
    """Every version of these events. Raises Away."""
    if ids:
        with _client() as client:
            client.command(
                f"DELETE FROM {TABLE} WHERE id IN {{ids:Array(String)}}",
                parameters={"ids": sorted(ids)},
            )


def ids_after(last: str, *, limit: int) -> list[str]:
    """In order. Raises Away."""
    with _client() as client:
        found = client.query(
            f"SELECT DISTINCT id FROM {TABLE} WHERE id > {{last:String}} ORDER BY id "
            "LIMIT {most:UInt32}",
            parameters={"last": last, "most": limit},
        )
        return [row[0] for row in found.result_rows]


def erase(user_id: str) -> int:
    """Deletes a customer's events from the disk, older versions too, and returns how many there
    were. Raises Away."""
    theirs = (
        "user_id = {user:String} OR (user_id IS NULL AND project_id IN "
        f"(SELECT project_id FROM {TABLE} WHERE user_id = {{user:String}}))"
    )
    with _client() as client:
        count = client.query(
            f"SELECT uniqExact(id) FROM {TABLE} WHERE {theirs}", parameters={"user": user_id}
        )
        client.command(
            f"ALTER TABLE {TABLE} DELETE WHERE id IN (SELECT id FROM {TABLE} WHERE {theirs})",
            parameters={"user": user_id},
            settings={"mutations_sync": 2, "allow_nondeterministic_mutations": 1},
        )
    return int(count.result_rows[0][0])


@contextmanager
def _client() -> Iterator[Any]:
    """One for the process. Whatever goes wrong with it, no event is to blame: they have one type
    each column by now. So it is tried again until it goes well."""
    with _lock:
        try:
            if not _open:
                _open.append(_connected())
            yield _open[0]
        except NotInstalled as error:
            raise Away(error.message) from error
        except _faults() as error:
            close()
            raise Away(f"ClickHouse: {str(error)[:500]}") from error


def _faults() -> tuple[type[Exception], ...]:
    answered = needed("clickhouse_connect.driver.exceptions").ClickHouseError
    return (answered, needed("urllib3.exceptions").HTTPError, OSError)


def _connected() -> Any:
    client = needed("clickhouse_connect").get_client(
        dsn=settings.CLICKHOUSE_URL, connect_timeout=_CONNECT_S, send_receive_timeout=_ANSWER_S,
        query_retries=0, autogenerate_session_id=False, client_name="devora-admin",
    )  # fmt: skip
    client.command(TABLE_SQL)
    return client


def close() -> None:
    while _open:
        _open.pop().close()
