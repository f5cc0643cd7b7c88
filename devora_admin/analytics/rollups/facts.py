"""What one event is of: its type, moment, customer and numbers; or why it cannot be counted."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from bson import Decimal128

from devora_admin.analytics.rollups.dimensions import DIMENSIONS, MOST_CHARACTERS, Dimensions
from devora_admin.core.raw_bson import is_text
from devora_admin.users.readable import short_text

MOST_TYPE_CHARACTERS = 200
AHEAD = timedelta(minutes=10)
"""How far a clock may be ahead of ours."""
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
WHOLE_BYTES = 70_000
"""Of an event; of a larger one only what is counted is read."""
MICRO = 1_000_000
MOST_TOKENS, MOST_LATENCY_MS, MOST_COST = 10**12, 7 * 86_400_000, 10**6
_COUNTED = ("tokens", "latency_ms", "cost_usd")
_MOST_PROPERTIES = 60
_CONTAINERS: dict[type, str] = {dict: "object", list: "list"}

Row = Mapping[str, Any]


class Unusable(Exception):
    """The event cannot be counted; the message says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    key: Any
    event_type: str
    at: datetime
    user_id: str
    """"" where no customer is named."""
    project_id: str
    plan: str
    """As the event itself has it; "" without."""
    model: str
    tokens: int | None
    latency_ms: int | None
    cost_micro: int | None
    doubts: tuple[str, ...]
    """What of it is not counted, and why."""
    kinds: tuple[tuple[str, str], ...]
    """Of each property, what kind of value it is."""
    counted: Dimensions | None
    """What it was counted under, if it is."""


def _number_only(name: str) -> dict[str, Any]:
    value = f"$properties.{name}"
    return {"$cond": [{"$isNumber": value}, value, "$$REMOVE"]}


def read() -> dict[str, Any]:
    """A projection: what `facts_of` looks at. Of a very large event its texts and numbers alone."""
    is_small = {"$lte": [{"$bsonSize": "$$ROOT"}, WHOLE_BYTES]}
    large = {
        "plan": short_text("$properties.plan"),
        "model": short_text("$properties.model"),
        **{name: _number_only(name) for name in _COUNTED},
    }
    return {
        "event_type": {"$cond": [is_small, "$event_type", short_text("$event_type", limit=800)]},
        "user_id": short_text("$user_id"),
        "project_id": short_text("$project_id"),
        "timestamp": {"$cond": [{"$eq": [{"$type": "$timestamp"}, "date"]}, "$timestamp", None]},
        "properties": {"$cond": [is_small, "$properties", large]},
        "dimensions": 1,
    }


def facts_of(row: Row, *, now: datetime | None = None) -> Facts:
    """now: after which nothing can have happened; None for what is counted already.

    Raises Unusable.
    """
    at = _moment(row.get("timestamp"), now)
    properties = row.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise Unusable("properties is no object")
    doubts: list[str] = []
    tokens = number_of(properties, "tokens", MOST_TOKENS, doubts)
    latency = number_of(properties, "latency_ms", MOST_LATENCY_MS, doubts)
    cost = number_of(properties, "cost_usd", MOST_COST, doubts)
    return Facts(
        key=row["_id"],
        event_type=_type(row),
        at=at,
        user_id=_text(row.get("user_id")),
        project_id=_text(row.get("project_id")),
        plan=value_of(properties.get("plan")),
        model=value_of(properties.get("model")),
        tokens=_whole(tokens),
        latency_ms=_whole(latency),
        cost_micro=None if cost is None else math.floor(cost * MICRO + 0.5),
        doubts=tuple(doubts),
        kinds=tuple((name, kind_of(value)) for name, value in _some(properties)),
        counted=_counted(row),
    )


def _moment(at: Any, now: datetime | None) -> datetime:
    # A date beyond Python's years comes as something else.
    if not isinstance(at, datetime):
        raise Unusable("timestamp is no date")
    if at < EARLIEST:
        raise Unusable(f"timestamp is before {EARLIEST:%Y}")
    if now is not None and at > now + AHEAD:
        raise Unusable("timestamp is in the future")
    return at


def _type(row: Row) -> str:
    if _counted(row) and is_text(name := row["dimensions"].get("event_type")):
        return name  # one of too many
    name = row.get("event_type")
    if not is_text(name):
        raise Unusable("event_type is no text")
    if not name.strip():
        raise Unusable("event_type is empty")
    if len(name) > MOST_TYPE_CHARACTERS:
        raise Unusable(f"event_type has more than {MOST_TYPE_CHARACTERS} characters")
    if printed(name) != name:
        raise Unusable("event_type holds control characters")
    return name


def _counted(row: Row) -> Dimensions | None:
    """None where one of them is missing or no text: the platform may store what it likes."""
    found = row.get("dimensions")
    if not isinstance(found, dict):
        return None
    values = [value for name in DIMENSIONS if is_text(value := found.get(name))]
    return Dimensions(*values) if len(values) == len(DIMENSIONS) else None


def value_of(value: Any) -> str:
    """Of a dimension: text, short and printable; "" when there is none."""
    return printed(value.strip())[:MOST_CHARACTERS] if is_text(value) else ""


@lru_cache(maxsize=4096)
def printed(text: str) -> str:
    """Without control characters, which separate the parts of what is stored."""
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" else c for c in text)


def _text(value: Any) -> str:
    return value if is_text(value) else ""


def number_of(properties: Row, name: str, most: int, doubts: list[str]) -> float | int | None:
    """A property that is summed; the doubts get why it is not."""
    value = properties.get(name)
    if value is None:
        return None
    if isinstance(value, Decimal128):
        value = _float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        doubts.append(f"{name} is no number")
    elif not math.isfinite(value):
        doubts.append(f"{name} is no finite number")
    elif value < 0:
        doubts.append(f"{name} is negative")
    elif value > most:
        doubts.append(f"{name} is more than can be")
    else:
        return value
    return None


def _float(value: Decimal128) -> float:
    found = value.to_decimal()
    return math.nan if found.is_nan() else float(found)  # of a signalling one there is no float


def _whole(value: float | int | None) -> int | None:
    """Half up, as people round."""
    return None if value is None else math.floor(value + 0.5)


def _some(properties: Row) -> list[tuple[str, Any]]:
    named = ((name, value) for name, value in properties.items() if len(name) <= 100)
    return [pair for pair, _ in zip(named, range(_MOST_PROPERTIES), strict=False)]


def kind_of(value: Any) -> str:
    """In a word for people."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int | float | Decimal128):
        return "number"
    if is_text(value):
        return "text"
    if isinstance(value, datetime):
        return "date"
    return _CONTAINERS.get(type(value), "other")
