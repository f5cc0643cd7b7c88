"""What a promise would mean for an issue that is opened now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from devora_admin.core import clock
from devora_admin.support import states
from devora_admin.support.sla.hours import due_at, open_spans
from devora_admin.support.sla.policy import Policy

_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    first_reply: datetime | None
    resolution: datetime | None


@dataclass(frozen=True, slots=True)
class Preview:
    rows: list[Row]
    """By priority, the most urgent first."""
    zone: str
    now: datetime
    is_open: bool
    """Whether time counts at this moment."""


def preview(policy: Policy) -> Preview:
    now = clock.now()

    def due(minutes: int | None) -> datetime | None:
        return None if minutes is None else due_at(policy.hours, now, minutes * 60)

    rows = [
        Row(label, due(policy.of(name).first_reply), due(policy.of(name).resolution))
        for name, label in reversed(states.PRIORITIES.items())
    ]
    first = next(iter(open_spans(policy.hours, now, now + _A_SECOND)), None)
    return Preview(rows, policy.zone, now, first is not None)
