"""The operation of events, as programs find it below /api/."""

from collections import Counter
from typing import Any, get_args

from devora_admin.analytics.events import storing
from devora_admin.analytics.events.schemas import MOST_EVENTS, EventsIn, EventsOut, Verdict
from devora_admin.api import operations
from devora_admin.api.operations import Answer, Call, Operation

_SCOPE = "events.write"
MOST_BYTES = 4 * 1024 * 1024


def register() -> None:
    """Called once, when the app is ready."""
    operations.register_scope(_SCOPE, "Hand in what customers do")
    operations.register(
        Operation(
            name="sendEvents", url_name="events", route="api/events/", scope=_SCOPE,
            summary=f"Hand in up to {MOST_EVENTS:,} events", takes=EventsIn, gives=EventsOut,
            handle=send, most_bytes=MOST_BYTES,
            done={
                "200": "All were looked at, and what is told as kept is on disk. The same again is "
                "harmless: events that are there already are `known`"
            },
        )
    )  # fmt: skip


def send(_: Call, asked: EventsIn) -> Answer:
    told = storing.store(asked.events)
    counts = Counter(each.verdict for each in told)
    events = [_shape(each) for each in told]
    return Answer(200, {**{name: counts[name] for name in get_args(Verdict)}, "events": events})


def _shape(told: storing.Told) -> dict[str, Any]:
    shape: dict[str, Any] = {"event_id": told.event_id, "verdict": told.verdict}
    return {**shape, "reason": told.reason} if told.reason else shape
