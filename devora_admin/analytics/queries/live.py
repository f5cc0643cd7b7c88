"""The last half hour, minute by minute, as far as it is counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from devora_admin.analytics.documents import MINUTES
from devora_admin.analytics.metrics import GENERATIONS
from devora_admin.analytics.queries.reading import rollups
from devora_admin.analytics.rollups import state
from devora_admin.core import clock
from devora_admin.core.listing.patience import patience

LENGTH = 30
MICRO = 1_000_000
_MINUTE = timedelta(minutes=1)
_TOO_SLOW = "Reading the last minutes took too long."


@dataclass(frozen=True, slots=True)
class TypeRow:
    event_type: str
    events: int
    per_minute: list[int]
    """The earliest first; the last one is not over yet."""


@dataclass(frozen=True, slots=True)
class Live:
    minutes: list[datetime]
    per_minute: list[int]
    types: list[TypeRow]
    """The most frequent first."""
    tokens: int
    cost_usd: float
    counted_at: datetime | None
    """When an event was counted last."""

    @property
    def events(self) -> int:
        return sum(self.per_minute)

    @property
    def success(self) -> float | None:
        """Share of generations."""
        done, failed = (self._of(each) for each in GENERATIONS)
        return done / (done + failed) if done + failed else None

    def _of(self, event_type: str) -> int:
        return next((row.events for row in self.types if row.event_type == event_type), 0)


def live() -> Live:
    """Two round trips. Raises InvalidInput when it takes too long."""
    last = clock.now().replace(second=0, microsecond=0)
    minutes = [last - each * _MINUTE for each in reversed(range(LENGTH))]
    place = {minute: at for at, minute in enumerate(minutes)}
    by_type: dict[str, list[int]] = {}
    tokens = cost = 0
    with patience(_TOO_SLOW):
        for row in rollups(MINUTES).find({"at": {"$gte": minutes[0], "$lte": last}}):
            key = row["_id"]
            counts = by_type.setdefault(key["event_type"], [0] * LENGTH)
            counts[place[key["minute"]]] += row["n"]
            tokens += row["tokens"]
            cost += row["cost"]
    types = [TypeRow(name, sum(counts), counts) for name, counts in by_type.items()]
    types.sort(key=lambda each: (-each.events, each.event_type))
    per_minute = [sum(each) for each in zip(*by_type.values(), strict=True)] or [0] * LENGTH
    return Live(minutes, per_minute, types, tokens, cost / MICRO, state.state().counted_at)
