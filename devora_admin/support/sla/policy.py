"""What is promised to customers: hours in which time counts, and targets by priority."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from devora_admin.support import states
from devora_admin.support.sla.hours import Hours, Shift

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIELDS = ("zone", "week", "holidays", "targets", "warn_percent")
"""As they are stored, and named in the audit log."""


@dataclass(frozen=True, slots=True)
class Holiday:
    on: date
    name: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Minutes of business hours from the opening of an issue; None where nothing is promised."""

    first_reply: int | None
    resolution: int | None


NOTHING = Targets(None, None)


@dataclass(frozen=True, slots=True)
class Policy:
    zone: str
    week: tuple[tuple[Shift, ...], ...]
    """Seven days from Monday on, each with its shifts in order."""
    holidays: tuple[Holiday, ...]
    targets: Mapping[str, Targets]
    """By priority."""
    warn_percent: int
    """How much of a target is left when people are warned; 0 for never."""
    revision: int = 0
    """0 while nobody has set anything up."""
    hours: Hours = field(init=False, compare=False)

    def __post_init__(self) -> None:
        days = frozenset(each.on for each in self.holidays)
        object.__setattr__(self, "hours", Hours(self.zone, dict(enumerate(self.week)), days))

    def of(self, priority: str) -> Targets:
        return self.targets.get(priority, NOTHING)


_NINE_TO_FIVE = (Shift(9 * 60, 17 * 60),)
DEFAULT = Policy(
    zone="UTC",
    week=(_NINE_TO_FIVE,) * 5 + ((), ()),
    holidays=(),
    targets={
        "low": Targets(16 * 60, 80 * 60),
        "normal": Targets(8 * 60, 40 * 60),
        "high": Targets(4 * 60, 16 * 60),
        "urgent": Targets(60, 8 * 60),
    },
    warn_percent=25,
)
"""What holds until somebody sets it up."""


def stored(policy: Policy) -> dict[str, Any]:
    """As MongoDB and the audit log keep it, without its revision."""
    return {
        "zone": policy.zone,
        "week": [[[each.start, each.end] for each in day] for day in policy.week],
        "holidays": [{"on": each.on.isoformat(), "name": each.name} for each in policy.holidays],
        "targets": {
            name: {"first_reply": each.first_reply, "resolution": each.resolution}
            for name, each in policy.targets.items()
        },
        "warn_percent": policy.warn_percent,
    }


def from_stored(row: Mapping[str, Any], *, revision: int) -> Policy:
    return Policy(
        zone=row["zone"],
        week=tuple(tuple(Shift(*pair) for pair in day) for day in row["week"]),
        holidays=tuple(
            Holiday(date.fromisoformat(each["on"]), each["name"]) for each in row["holidays"]
        ),
        targets={
            name: Targets(**row["targets"][name])
            for name in states.PRIORITIES
            if name in row["targets"]
        },
        warn_percent=row["warn_percent"],
        revision=revision,
    )
