"""One event of MongoDB as a row. Whatever it holds it becomes one, and says what was wrong."""

import json
import math
from datetime import datetime
from decimal import Decimal
from typing import Any

import bson
from bson import ObjectId, json_util
from bson.json_util import RELAXED_JSON_OPTIONS
from bson.raw_bson import RawBSONDocument

from devora_admin.analytics.rollups.facts import (
    AHEAD,
    MOST_COST,
    MOST_LATENCY_MS,
    MOST_TOKENS,
    number_of,
)
from devora_admin.analytics.rollups.facts import EARLIEST as FIRST
from devora_admin.analytics.warehouse.columns import DECIMALS, Row
from devora_admin.core.raw_bson import LENIENT, RAW, is_text

MOST_PROPERTIES_BYTES = 1024 * 1024
"""As MongoDB stores them; larger ones are left out, and said to be."""
_MOST_TEXT = 1000
"""Characters of an id or a name."""
FIELDS = {
    "event_id": 1, "event_type": 1, "user_id": 1, "project_id": 1, "timestamp": 1,
    "dimensions": 1, "properties": 1,
}  # fmt: skip
_MOST = {"tokens": MOST_TOKENS, "latency_ms": MOST_LATENCY_MS, "cost_usd": MOST_COST}
_MILLION = 10**DECIMALS


def key_text(key: Any) -> str:
    """An `_id` as text: an ObjectId by its digits, any other as Extended JSON."""
    return str(key) if isinstance(key, ObjectId) else json_util.dumps(key, sort_keys=True)


def key_of(text: str) -> Any:
    """The `_id` that `key_text` made the text of."""
    return ObjectId(text) if ObjectId.is_valid(text) else json_util.loads(text, _OF_KEYS)


_OF_KEYS = json_util.JSONOptions(tz_aware=True, json_mode=json_util.JSONMode.CANONICAL)


def row_of(event: RawBSONDocument, *, now: datetime) -> Row:
    """event: with FIELDS, as bytes."""
    wrong: list[str] = []
    key = key_text(event["_id"])
    timestamp, why = when(event.get("timestamp"), now=now)
    if why:
        wrong.append(why)
    event_type = _text(event, "event_type", wrong)
    if not event_type:
        wrong.append("event_type is missing or empty")
    properties, said = _properties(event, wrong)
    dimensions = event.get("dimensions")
    known = dimensions if isinstance(dimensions, RawBSONDocument) else {}
    return Row(
        id=key,
        event_id=_text(event, "event_id", wrong) or key,
        event_type=event_type,
        user_id=_text(event, "user_id", wrong),
        project_id=_text(event, "project_id", wrong),
        timestamp=timestamp,
        plan=_text(known, "plan", wrong),
        project_type=_text(known, "project_type", wrong),
        model=_text(known, "model", wrong),
        tokens=_whole(_number(properties, "tokens", wrong)),
        latency_ms=_whole(_number(properties, "latency_ms", wrong)),
        cost_usd=_cost(_number(properties, "cost_usd", wrong)),
        properties=said,
        reason="; ".join(wrong) or None,
    )


def when(value: Any, *, now: datetime) -> tuple[datetime | None, str]:
    """The moment of an event, or why it belongs to no day."""
    if value is None:
        return None, "timestamp is missing"
    if not isinstance(value, datetime):
        return None, "timestamp is no date"
    if value < FIRST:
        return None, f"timestamp is before {FIRST.year}"
    if value > now + AHEAD:
        return None, "timestamp is in the future"
    return value, ""


def _text(document: Any, name: str, wrong: list[str]) -> str | None:
    value = document.get(name)
    if value is None:
        return None
    if not is_text(value):
        wrong.append(f"{name} is no text")
        return None
    if len(value) > _MOST_TEXT:
        wrong.append(f"{name} is longer than {_MOST_TEXT} characters")
        return value[:_MOST_TEXT]
    return value


def _properties(event: RawBSONDocument, wrong: list[str]) -> tuple[Any, str | None]:
    """As a mapping, and as text."""
    found = event.get("properties")
    if found is None:
        return {}, None
    if not isinstance(found, RawBSONDocument):
        wrong.append("properties is no object")
        return {}, canonical({"$value": _decoded(found)})
    if len(found.raw) > MOST_PROPERTIES_BYTES:
        wrong.append("properties are too large")
        return found, None
    decoded = bson.decode(found.raw, LENIENT)
    return decoded, canonical(decoded)


def _decoded(value: Any) -> Any:
    whole = bson.encode({"v": value}, codec_options=RAW)
    return bson.decode(whole, LENIENT)["v"] if len(whole) <= MOST_PROPERTIES_BYTES else None


def canonical(value: Any) -> str:
    try:
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False,
            default=_extended,
        )  # fmt: skip
    except ValueError:  # not a number, or infinite
        return json_util.dumps(
            value, json_options=RELAXED_JSON_OPTIONS,
            sort_keys=True, separators=(",", ":"), ensure_ascii=False,
        )  # fmt: skip


def _extended(value: Any) -> Any:
    return json_util.default(value, RELAXED_JSON_OPTIONS)


def _number(properties: Any, name: str, wrong: list[str]) -> float | int | None:
    """One that the charts count."""
    return number_of(properties, name, _MOST[name], wrong)


def _whole(value: float | int | None) -> int | None:
    """Half up, as people round."""
    return None if value is None else math.floor(value + 0.5)


def _cost(value: float | int | None) -> Decimal | None:
    millionths = _whole(None if value is None else value * _MILLION)
    return None if millionths is None else Decimal(millionths).scaleb(-DECIMALS)
