"""Events of a year, as many as are wanted, and counted."""

from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from devora_admin.analytics.documents import events
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import mongo
from devora_admin.ops.benchmarks.report import Report

DAYS = 365
_AT_ONCE = 2000
_PEOPLE, _PROJECTS = 50_000, 50_000
_TYPES = (
    *("login",) * 2, *("message_sent",) * 3, *("project_saved",) * 3,
    *("generation_completed",) * 3, "generation_failed", "project_created", "deploy", "error",
)  # fmt: skip
_MODELS = ("small", "medium", "large", "largest")
_PLANS = ("free", "pro", "team", "business")


def event(key: str, at: datetime, random: Random) -> dict[str, Any]:
    kind, who = random.choice(_TYPES), random.randrange(_PEOPLE)
    properties: dict[str, Any] = {"plan": _PLANS[who % len(_PLANS)]}
    if kind.startswith("generation"):
        tokens = int(random.lognormvariate(7.5, 0.8))
        properties |= {
            "model": random.choice(_MODELS),
            "tokens": tokens,
            "latency_ms": int(random.lognormvariate(8.3, 0.5)),
            "cost_usd": round(tokens * 0.000012, 6),
        }
    return {
        "_id": key,
        "event_type": kind,
        "user_id": f"bench-{who}",
        "project_id": f"bench-{random.randrange(_PROJECTS)}",
        "timestamp": at,
        "properties": properties,
    }


def fill(name: str, many: int, *, until: datetime, report: Report) -> None:
    """Spread evenly over the year before, in order, each counted. name: of this filling."""
    random, each = Random(name), timedelta(days=DAYS) / many
    since = until - timedelta(days=DAYS)
    for at in range(0, many, _AT_ONCE):
        numbers = range(at, min(many, at + _AT_ONCE))
        made = [event(f"{name}-{n:09d}", since + each * n, random) for n in numbers]
        events().insert_many(made)
        keys = [one["_id"] for one in made]
        mongo.run_in_transaction(partial(count, keys), patience_s=60)
        if at % 100_000 == 0:
            report(f"{at:,} of {many:,} events filled in and counted")
