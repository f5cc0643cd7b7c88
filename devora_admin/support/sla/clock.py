"""How an issue stands against what was promised. Pure: the same events give the same answer.

The first reply is owed from the opening on, whatever the issue waits for, as long as it is not
over. The clock of the resolution stands while the issue waits or is over, and runs on from there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from devora_admin.support.sla.hours import Span, due_at, elapsed_s
from devora_admin.support.sla.policy import Policy

PauseKind = Literal["waiting", "over"]
State = Literal["running", "paused", "met", "ended"]
_RUNNING: State = "running"
DueKind = Literal["first_reply", "resolution"]


@dataclass(frozen=True, slots=True)
class Pause:
    kind: PauseKind
    start: datetime
    end: datetime | None = None
    """None while it lasts."""


@dataclass(frozen=True, slots=True)
class Life:
    """What happened to an issue, as far as promises are about it."""

    opened_at: datetime
    replied_at: datetime | None
    """When staff first wrote to the customer."""
    pauses: tuple[Pause, ...]
    """In order; only the last one may last still."""

    @property
    def standing(self) -> Pause | None:
        """The pause that lasts."""
        last = self.pauses[-1] if self.pauses else None
        return last if last and last.end is None else None


@dataclass(frozen=True, slots=True)
class Promise:
    state: State
    """ended: the issue was over before it was met, and it need not be met any more."""
    target_min: int
    due_at: datetime | None
    """None while the clock stands, and for what is never due."""
    warn_at: datetime | None
    """When to warn of it, for what may yet be broken."""
    breached_at: datetime | None
    """The exact moment it was broken, also where it was met later."""
    met_at: datetime | None
    took_s: float
    """Business hours that went by: until it was met, or until now."""


@dataclass(frozen=True, slots=True)
class Clock:
    first_reply: Promise | None
    """None where nothing is promised."""
    resolution: Promise | None

    @property
    def due(self) -> tuple[datetime, DueKind] | None:
        """The next moment a promise is broken; in the past for one that is broken and not met."""
        found: list[tuple[datetime, DueKind]] = []
        if self.first_reply and self.first_reply.state == "running" and self.first_reply.due_at:
            found.append((self.first_reply.due_at, "first_reply"))
        if self.resolution and self.resolution.state == "running" and self.resolution.due_at:
            found.append((self.resolution.due_at, "resolution"))
        return min(found, default=None)


def clock_of(policy: Policy, priority: str, life: Life, *, now: datetime) -> Clock:
    targets = policy.of(priority)
    return Clock(
        _first_reply(policy, targets.first_reply, life, now),
        _resolution(policy, targets.resolution, life, now),
    )


def _first_reply(
    policy: Policy, target_min: int | None, life: Life, now: datetime
) -> Promise | None:
    if target_min is None:
        return None
    over = tuple(each for each in life.pauses if each.kind == "over")
    standing, state, until = life.standing, _RUNNING, now
    if life.replied_at:
        state, until = "met", life.replied_at
    elif standing and standing.kind == "over":
        state, until = "ended", standing.start
    return _promise(policy, target_min, life.opened_at, over, state, until)


def _resolution(
    policy: Policy, target_min: int | None, life: Life, now: datetime
) -> Promise | None:
    if target_min is None:
        return None
    state, until = _RUNNING, now
    if standing := life.standing:
        state, until = ("met" if standing.kind == "over" else "paused"), standing.start
    return _promise(policy, target_min, life.opened_at, life.pauses, state, until)


def _promise(
    policy: Policy,
    target_min: int,
    start: datetime,
    pauses: tuple[Pause, ...],
    state: State,
    until: datetime,
) -> Promise:
    """until: when its clock stopped, or now."""
    hours, spans = policy.hours, _ended(pauses)
    due = due_at(hours, start, target_min * 60, spans)
    is_broken = due is not None and due < until
    return Promise(
        state=state,
        target_min=target_min,
        due_at=due if is_broken or state != "paused" else None,
        warn_at=_warn_at(policy, target_min, start, spans) if state == "running" else None,
        breached_at=due if is_broken else None,
        met_at=until if state == "met" else None,
        took_s=elapsed_s(hours, start, until, spans),
    )


def _warn_at(
    policy: Policy, target_min: int, start: datetime, spans: tuple[Span, ...]
) -> datetime | None:
    if not policy.warn_percent:
        return None
    before_s = target_min * 60 * (100 - policy.warn_percent) / 100
    return due_at(policy.hours, start, before_s, spans)


def _ended(pauses: tuple[Pause, ...]) -> tuple[Span, ...]:
    return tuple((each.start, each.end) for each in pauses if each.end is not None)
