"""The clock of one issue, as its page shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from devora_admin.core import clock
from devora_admin.support import page_parts
from devora_admin.support.page_parts import Can, Part
from devora_admin.support.queries.issue import Issue, row_of
from devora_admin.support.sla import pauses, policies, stamping
from devora_admin.support.sla.checking import KINDS
from devora_admin.support.sla.hours import open_spans
from devora_admin.support.sla.policy import Policy

_FIELDS = {
    "number": 1, "priority": 1, "status": 1, "created_at": 1, "first_replied_at": 1,
    "resolved_at": 1, "touched.status": 1, "sla": 1,
}  # fmt: skip
_AHEAD = timedelta(days=8)
_MOST_SPANS = 24


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    label: str
    state: str
    tone: str
    """ok, soon, breached, met, late (met after it was due) or quiet."""
    target_min: int
    due_at: datetime | None
    warn_at: datetime | None
    breached_at: datetime | None
    broken_at: datetime | None
    """When it was broken by what was promised before its priority was changed."""
    met_at: datetime | None
    took_s: float

    @property
    def left_s(self) -> float:
        """Of business hours; below 0 once it is broken."""
        return self.target_min * 60 - self.took_s


@dataclass(frozen=True, slots=True)
class Shown:
    number: int
    lines: tuple[Line, ...]
    waits_since: datetime | None
    """When the clock of the resolution stopped, while it waits."""
    zone: str
    at: datetime
    spans: str
    """The business hours to come, as seconds from `at`: what counting down goes by."""
    is_default: bool


def register() -> None:
    """Called once, when the app is ready."""
    part = Part(
        "sla", "Promised", page_parts.SLA, "issues.view",
        template="support/sla_part.html", load=_load, icon="stopwatch",
    )  # fmt: skip
    page_parts.register(part)


def _load(issue: Issue, can: Can) -> Shown | None:
    return shown(issue.number)


def shown(number: int) -> Shown | None:
    """None where nothing is promised; two round trips. Raises NotFound."""
    row, now = row_of(number, _FIELDS), clock.now()
    policy = policies.current()
    sla = _sla(row, policy, now)
    lines = tuple(
        _line(kind, sla[kind], _before(sla, kind), now) for kind in stamping.PROMISES if kind in sla
    )
    if not lines:
        return None
    last = pauses.pauses_of(row)[-1:]
    waits = [each.start for each in last if each.end is None and each.kind == "waiting"]
    return Shown(
        number=number,
        lines=lines,
        waits_since=waits[0] if waits else None,
        zone=policy.zone,
        at=now,
        spans=_spans(policy, now) if any(each.state == "running" for each in lines) else "",
        is_default=not policy.revision,
    )


def _sla(row: dict[str, Any], policy: Policy, now: datetime) -> dict[str, Any]:
    """What is over stays as it was judged; the rest is reckoned for this moment."""
    if "sla" in row and pauses.kind_of(row["status"]) == "over":
        return dict(row["sla"])
    return dict(stamping.again(row, policy, now=now)["sla"])


def _before(sla: dict[str, Any], kind: str) -> datetime | None:
    found: datetime | None = (sla.get("kept", {}).get(kind) or {}).get("at")
    return None if sla[kind].get("breached_at") else found


def _line(kind: str, promise: dict[str, Any], broken_at: datetime | None, now: datetime) -> Line:
    due, warn, breached = (promise.get(name) for name in ("due_at", "warn_at", "breached_at"))
    return Line(
        kind=kind,
        label=KINDS[kind],
        state=promise["state"],
        tone=_tone(promise["state"], warn, breached, now),
        target_min=promise["target_min"],
        due_at=due,
        warn_at=warn,
        breached_at=breached,
        broken_at=broken_at,
        met_at=promise.get("met_at"),
        took_s=promise["took_s"],
    )


def _tone(state: str, warn: datetime | None, breached: datetime | None, now: datetime) -> str:
    if state == "met":
        return "late" if breached else "met"
    if breached:
        return "breached"
    if state != "running":
        return "quiet"
    return "soon" if warn and warn <= now else "ok"


def _spans(policy: Policy, now: datetime) -> str:
    ahead = islice(open_spans(policy.hours, now, now + _AHEAD), _MOST_SPANS)
    return " ".join(
        "-".join(f"{(each - now).total_seconds():.3f}" for each in span) for span in ahead
    )
