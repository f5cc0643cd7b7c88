"""Events of a few days as a platform writes them, and all that may be wrong with one."""

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import Decimal128, Int64, ObjectId

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
PLANS, MODELS = ("free", "pro", "unknown"), ("opus", "haiku", "unknown")
KINDS = (
    "signup",
    "login",
    "project_created",
    "generation_completed",
    "generation_failed",
    "deploy",
)


def event(chance: random.Random, *, days: int = 3, **fields: Any) -> dict[str, Any]:
    """One that is well. Some are counted by the charts, and some are not yet."""
    at = BEGAN + timedelta(milliseconds=chance.randrange(days * 86_400_000))
    number = chance.randrange(40)
    model = chance.choice(MODELS)
    found = {
        "_id": ObjectId(chance.randbytes(12)),
        "event_type": chance.choice(KINDS),
        "user_id": f"customer-{number}",
        "project_id": f"project-{number}" if number % 2 else None,
        "timestamp": at,
        "properties": {
            "tokens": chance.choice((chance.randrange(9000), Int64(7), 2.5)),
            "latency_ms": chance.choice((chance.randrange(30_000), 0.5, 1234.5)),
            "cost_usd": chance.choice((0.1, 0.0000005, 1e-9, 3, Decimal128("2.0000015"))),
            "plan": chance.choice(("free", "pro", "")),
            "model": model, "b": [1, {"z": None, "a": "é"}], "at": at,
        },
    }  # fmt: skip
    if chance.random() < 0.8:
        found["dimensions"] = {"plan": chance.choice(PLANS), "project_type": "saas", "model": model}
    return found | fields


FLAWED: dict[str, list[dict[str, Any]]] = {
    "timestamp is missing": [{"timestamp": None}],
    "timestamp is no date": [
        {"timestamp": "2026-03-01T12:00:00Z"}, {"timestamp": 1_772_000_000},
        {"timestamp": [BEGAN, BEGAN + timedelta(days=1)]}, {"timestamp": {"$date": 1}},
    ],
    "timestamp is before 2015": [{"timestamp": datetime(1970, 1, 1, tzinfo=UTC)}],
    "timestamp is in the future": [
        {"timestamp": datetime.now(UTC) + timedelta(days=2)},
        {"timestamp": datetime(9999, 12, 31, tzinfo=UTC)},
    ],
    "event_type is missing or empty": [{"event_type": None}, {"event_type": ""}],
    "event_type is no text": [],
    "user_id is no text": [{"user_id": {"$ne": None}}],
    "properties is no object": [{"properties": [1, 2]}, {"properties": "text"}],
    "properties are too large": [{"properties": {"tokens": 5, "text": "x" * 1_100_000}}],
    "tokens is no number": [{"properties": {"tokens": "12"}}, {"properties": {"tokens": True}}],
    "tokens is negative": [{"properties": {"tokens": -1}}],
    "tokens is more than can be": [{"properties": {"tokens": 1e300}}],
    "latency_ms is no finite number": [{"properties": {"latency_ms": math.nan}}],
    "cost_usd is no finite number": [{"properties": {"cost_usd": Decimal128("Infinity")}}],
    "cost_usd is more than can be": [{"properties": {"cost_usd": 1e15}}],
    "project_id is longer than 1000 characters": [{"project_id": "p" * 1001}],
}  # fmt: skip
"""By the reason that is told; none is counted. Those with a wrong timestamp are of no day."""


def flawed(chance: random.Random) -> list[dict[str, Any]]:
    found = [event(chance, **fields) for each in FLAWED.values() for fields in each]
    for each in found:
        each.pop("dimensions", None)
    return found
