"""The columns of an event in a warehouse, of one type each, whatever the platform wrote."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from devora_admin.analytics.warehouse.packages import needed


class Row(NamedTuple):
    """None where an event has nothing of the kind."""

    id: str
    """MongoDB's, unique."""
    event_id: str
    """The sender's own, or else `id`."""
    event_type: str | None
    user_id: str | None
    project_id: str | None
    timestamp: datetime | None
    """None: of no day."""
    plan: str | None
    """None: the charts do not count this event, or not yet; so for the next two."""
    project_type: str | None
    model: str | None
    tokens: int | None
    latency_ms: int | None
    cost_usd: Decimal | None
    """To the millionth, as the charts count it."""
    properties: str | None
    """Extended JSON, its keys sorted."""
    reason: str | None
    """What was wrong with the event; None of most."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    parquet: str
    clickhouse: str


COLUMNS = (
    Column("id", "string", "String"),
    Column("event_id", "string", "String"),
    Column("event_type", "string", "LowCardinality(Nullable(String))"),
    Column("user_id", "string", "Nullable(String)"),
    Column("project_id", "string", "Nullable(String)"),
    Column("timestamp", "timestamp", "Nullable(DateTime64(3, 'UTC'))"),
    Column("plan", "string", "LowCardinality(Nullable(String))"),
    Column("project_type", "string", "LowCardinality(Nullable(String))"),
    Column("model", "string", "LowCardinality(Nullable(String))"),
    Column("tokens", "int64", "Nullable(Int64)"),
    Column("latency_ms", "int64", "Nullable(Int64)"),
    Column("cost_usd", "decimal", "Nullable(Decimal(18, 6))"),
    Column("properties", "string", "Nullable(String)"),
    Column("reason", "string", "Nullable(String)"),
)
DIGITS, DECIMALS = 18, 6
"""Of cost_usd."""
_REQUIRED = ("id", "event_id")


def parquet_schema() -> Any:
    """A pyarrow.Schema."""
    pa = needed("pyarrow")
    kinds = {
        "string": pa.string(),
        "int64": pa.int64(),
        "timestamp": pa.timestamp("ms", tz="UTC"),
        "decimal": pa.decimal128(DIGITS, DECIMALS),
    }
    return pa.schema(
        [pa.field(c.name, kinds[c.parquet], nullable=c.name not in _REQUIRED) for c in COLUMNS]
    )
