"""The platform's events on a customer's timeline; types unknown here under their own names."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from devora_admin.analytics.documents import EVENTS
from devora_admin.core.raw_bson import is_text
from devora_admin.users import timeline
from devora_admin.users.panels import Can
from devora_admin.users.readable import capped, details, readable, short_text
from devora_admin.users.timeline import Entry, Kind, Row, Source

KINDS = (
    Kind("failures", "Failures", icon="exclamation-octagon", values=("error", "generation_failed")),
    Kind(
        "generations", "Generations", icon="stars",
        values=("generation_completed", "generation_failed"),
    ),
    Kind("messages", "Messages", icon="chat-left-text", values=("message_sent",)),
    Kind("saves", "Saves", icon="floppy", values=("project_saved", "project_created")),
    Kind("sign-ins", "Sign-ins", icon="box-arrow-in-right", values=("login", "signup")),
    Kind("deploys", "Deploys", icon="rocket-takeoff", values=("deploy",)),
)  # fmt: skip


class _Look(NamedTuple):
    label: str
    icon: str
    tone: str = ""


_LOOKS = {
    "login": _Look("Signed in", icon="box-arrow-in-right"),
    "signup": _Look("Signed up", icon="person-plus", tone="success"),
    "project_created": _Look("Made a project", icon="plus-square"),
    "project_saved": _Look("Saved a project", icon="floppy"),
    "message_sent": _Look("Sent a message", icon="chat-left-text"),
    "generation_completed": _Look("Generation completed", icon="stars"),
    "generation_failed": _Look("Generation failed", icon="exclamation-octagon", tone="danger"),
    "deploy": _Look("Deployed", icon="rocket-takeoff"),
    "error": _Look("Error", icon="bug", tone="danger"),
}
_KIND_OF = {value: kind.name for kind in KINDS for value in kind.values}
_FIELDS = frozenset(
    {"_id", "_at", "_key", "id", "event_type", "user_id", "project_id", "timestamp", "properties"}
)
_SAID = {"tokens": "tokens", "latency_ms": "took", "cost_usd": "cost"}
"""Properties that a fact of another name tells."""
_MESSAGES = ("message", "error", "reason", "detail")


def look_of(name: str) -> _Look:
    """What a type of event is called, and how it is marked."""
    return _LOOKS.get(name) or _Look(_words(name), icon="tag", tone=_tone(name))


def _entry(row: Row, can: Can) -> Entry:
    name = row["type"] or ""
    label, icon, tone = look_of(name)
    found = {pair["k"]: pair.get("v") for pair in row["properties"]}
    facts = tuple(_facts(found))
    return Entry(
        kind=_KIND_OF.get(name) or f"events:{name}",
        label=label,
        icon=icon,
        tone=tone,
        text=next((readable(found[key]) for key in _MESSAGES if found.get(key)), ""),
        facts=facts,
        project_id=row["project_id"] or "",
        details=details([*_unsaid(row["properties"], facts), *row["others"]]),
        fault="; ".join(_faults(row)),
    )


def _words(name: str) -> str:
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:80] or "Event without a type"


def _tone(name: str) -> str:
    lowered = name.lower()
    return "danger" if lowered.endswith(("failed", "failure", "error")) else ""


def _facts(found: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [(key, readable(found[key], name=key)[:60]) for key in ("code", "model", "provider")
             if is_text(found.get(key)) and found[key]]  # fmt: skip
    tokens, latency, cost = (
        _number(found.get(key)) for key in ("tokens", "latency_ms", "cost_usd")
    )
    if tokens is not None:
        facts.append(("tokens", f"{tokens:,.0f} tokens"))
    if latency is not None:
        facts.append(
            ("took", f"{latency / 1000:,.1f} s" if latency >= 1000 else f"{latency:,.0f} ms")
        )
    if cost is not None:
        facts.append(("cost", f"${cost:,.4f}"))
    return facts


def _unsaid(properties: list[dict[str, Any]], facts: tuple[tuple[str, str], ...]) -> Iterator[Any]:
    """The properties that the facts do not tell already."""
    told = {name for name, _ in facts}
    return (pair for pair in properties if _SAID.get(pair["k"], pair["k"]) not in told)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _faults(row: Row) -> list[str]:
    types, faults = row["types"], []
    if row["type"] is None:
        faults.append("event_type is missing" if types["event_type"] in ("missing", "null")
                      else "event_type is no short text")  # fmt: skip
    if types["timestamp"] == "string" and row["time"]:
        faults.append(f"timestamp is text: {row['time']}")
    elif types["timestamp"] != "date":
        faults.append("timestamp is no date")
    if types["properties"] not in ("object", "missing", "null"):
        faults.append("properties is not an object")
    if types["project_id"] not in ("string", "missing", "null"):
        faults.append("project_id is not text")
    return faults


SOURCE = Source(
    name="events",
    collection=EVENTS,
    customer_field="user_id",
    time_field="timestamp",
    kinds=KINDS,
    kind_field="event_type",
    order=timeline.EVENTS,
    fields={
        "type": short_text("$event_type"),
        "types": {
            field: {"$type": f"${field}"}
            for field in ("event_type", "timestamp", "properties", "project_id")
        },
        "time": short_text("$timestamp"),
        "project_id": short_text("$project_id"),
        "properties": capped("$properties"),
        "others": capped("$$ROOT", pairs=20, without=_FIELDS),
    },
    entry=_entry,
    is_platforms=True,
)


def register() -> None:
    timeline.register(SOURCE)
