"""What the rollups should hold, by going over all events: slow, simple, and written apart."""

from collections import Counter, defaultdict
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.store import DenseStore

from devora_admin.analytics.rollups.sketches import ACCURACY

Rollups = dict[str, dict[Any, Any]]
_NAMES = ("analytics_series", "analytics_sketches", "analytics_cube", "analytics_active")


def stored(db: Any) -> Rollups:
    """By collection and id, without the numbers that are 0 where they are told by their absence."""
    found: Rollups = {
        name: {tuple(row["_id"].items()): row["cells"] for row in db[name].find()}
        for name in _NAMES
    }
    found["user_days"] = {
        tuple(row["_id"].items()): (sorted(row["plans"]), sorted(row["seen"]))
        for row in db["user_days"].find()
    }
    return found


def expected(db: Any, zone: ZoneInfo) -> Rollups:
    cells: dict[str, Any] = {name: defaultdict(lambda: defaultdict(Counter)) for name in _NAMES}
    people: dict[Any, set[Any]] = defaultdict(set)
    for event in db["analytics_events"].find({"dimensions": {"$exists": True}}):
        at, of = event["timestamp"].astimezone(UTC), event["dimensions"]
        day = event["timestamp"].astimezone(zone).date()
        properties = event["properties"] or {}
        numbers = _numbers(properties)
        for kind in ("", event["event_type"]):
            for dimension in ("all", "plan", "project_type", "model"):
                value = of.get(dimension, "")
                for grain, period, cell in (
                    ("day", f"{day:%Y-%m}", f"{day:%d}"), ("hour", f"{at:%Y-%m-%d}", f"{at:%H}"),
                ):  # fmt: skip
                    key = (("grain", grain), ("dimension", dimension), ("period", period),
                           ("event_type", kind), ("value", value))  # fmt: skip
                    cells["analytics_series"][key][cell].update(numbers)
                    if "latency" in numbers:
                        name = _bin(numbers["latency"])
                        cells["analytics_sketches"][key][cell][name] += 1
                if event.get("user_id"):
                    people[event["user_id"], day].add((kind, dimension, value))
            key = (("period", f"{day:%Y-%m}"), ("event_type", kind), *of.items())
            cells["analytics_cube"][key][f"{day:%d}"].update(numbers)
    days = {}
    for (user_id, day), seen in people.items():
        for kind, dimension, value in seen:
            key = (("grain", "day"), ("dimension", dimension), ("period", f"{day:%Y-%m}"),
                   ("event_type", kind), ("value", value))  # fmt: skip
            cells["analytics_series"][key][f"{day:%d}"]["users"] += 1
        plans = sorted({value for kind, name, value in seen if not kind and name == "plan"})
        letters = {"all": "a", "plan": "p", "project_type": "t", "model": "m"}
        days[("day", day.isoformat()), ("user_id", user_id)] = (
            plans, sorted(f"{letters[name]}{value}\x1f{kind}" for kind, name, value in seen)
        )  # fmt: skip
    _active(people, cells["analytics_active"])
    whole = {
        name: {key: {cell: _told(n) for cell, n in row.items()} for key, row in rows.items()}
        for name, rows in cells.items()
    }
    return {**whole, "user_days": days}


def _told(numbers: Counter[str]) -> dict[str, int]:
    return {name: n for name, n in numbers.items() if n}


def _numbers(properties: dict[str, Any]) -> Counter[str]:
    def good(name: str) -> Any:
        value = properties.get(name)
        usable = isinstance(value, int | float) and not isinstance(value, bool)
        return value if usable and 0 <= value < 10**6 else None

    found = Counter({"n": 1})
    if tokens := good("tokens"):
        found["tokens"] = int(tokens + 0.5)
    if cost := good("cost_usd"):
        found["cost"] = int(cost * 1_000_000 + 0.5)
    if (latency := good("latency_ms")) is not None:
        found["latency_n"], found["latency"] = 1, int(latency + 0.5)
    return found


def _bin(latency_ms: int) -> str:
    return f"{LogarithmicMapping(ACCURACY).key(latency_ms) + 1:04}" if latency_ms else "0000"


def _active(people: dict[Any, set[Any]], active: Any) -> None:
    days: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (user_id, day), seen in people.items():
        days[""][day].add(user_id)
        for kind, dimension, value in seen:
            if not kind and dimension == "plan":
                days[value][day].add(user_id)
    for plan, by_day in days.items():
        weeks, months = defaultdict(set), defaultdict(set)
        for day, who in by_day.items():
            weeks[day - timedelta(days=day.weekday())] |= who
            months[day.replace(day=1)] |= who
        for name, length in (("dau", 1), ("wau", 7), ("mau", 30)):
            window: dict[date, set[str]] = defaultdict(set)
            for day, who in by_day.items():
                for after in range(length):
                    window[day + timedelta(days=after)] |= who
            for day, who in window.items():
                _put(active, "day", plan, f"{day:%Y-%m}", f"{day:%d}", name, len(who))
        for grain, firsts in (("week", weeks), ("month", months)):
            for day, who in firsts.items():
                _put(active, grain, plan, f"{day:%Y}", f"{day:%m-%d}", "n", len(who))


def _put(active: Any, grain: str, plan: str, period: str, cell: str, name: str, count: int) -> None:
    active[("grain", grain), ("plan", plan), ("period", period)][cell][name] = count


def by_the_library(values: list[int], share: float) -> float | None:
    """What DDSketch itself makes of them."""
    sketch = BaseDDSketch(LogarithmicMapping(ACCURACY), DenseStore(), DenseStore(), 0.0)
    for value in values:
        sketch.add(value)
    return sketch.get_quantile_value(share)
