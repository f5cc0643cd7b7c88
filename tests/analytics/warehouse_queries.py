"""The queries of WAREHOUSE.md, and their answers by brute force over raw events."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from devora_admin.config.env import BASE_DIR
from tests.analytics.amounts import dollars, whole

_TEXT = (BASE_DIR / "devora_admin/analytics/WAREHOUSE.md").read_text()
GENERATIONS = ("generation_completed", "generation_failed")


def told(language: str) -> list[str]:
    return [sql.strip() for sql in re.findall(rf"```sql {language}\n(.*?)```", _TEXT, re.DOTALL)]


def daily_actives(events: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    days: dict[str, set[str]] = {}
    for each in events:
        days.setdefault(f"{each['timestamp']:%Y-%m-%d}", set()).add(each["user_id"])
    return sorted((day, len(customers)) for day, customers in days.items())


def generations(
    events: Iterable[dict[str, Any]],
) -> list[tuple[str, int, float, int, int, Decimal]]:
    by_model: dict[str, list[dict[str, Any]]] = {}
    for each in events:
        if each["event_type"] in GENERATIONS:
            by_model.setdefault(each["dimensions"]["model"], []).append(each)
    return sorted(
        (
            model, len(of), sum(each["event_type"] == GENERATIONS[0] for each in of) / len(of),
            p95([whole(each["properties"]["latency_ms"]) for each in of]),
            sum(whole(each["properties"]["tokens"]) for each in of),
            sum((dollars(each["properties"]["cost_usd"]) for each in of), Decimal()),
        )
        for model, of in by_model.items()
    )  # fmt: skip


def p95(values: list[int]) -> int:
    """The smallest that is no less than 95 of 100 are."""
    values = sorted(values)
    return values[max(0, -(-95 * len(values) // 100) - 1)]


def funnel(events: Iterable[dict[str, Any]]) -> tuple[int, ...]:
    steps = ("signup", "project_created", "generation_completed", "deploy")
    firsts: dict[str, dict[str, Any]] = {}
    for each in events:
        first = firsts.setdefault(each["user_id"], {})
        kind, at = each["event_type"], each["timestamp"]
        first[kind] = min(at, first.get(kind, at))
    reached = [0] * len(steps)
    for first in firsts.values():
        times = [first.get(step) for step in steps]
        for number in range(len(steps)):
            so_far = times[: number + 1]
            if None in so_far or sorted(so_far) != so_far:
                break
            reached[number] += 1
    return tuple(reached)
