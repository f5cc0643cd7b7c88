"""For how long an issue waited: kept with it, from one change of its status to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from devora_admin.support import states
from devora_admin.support.sla.clock import Life, Pause, PauseKind

MOST = 200
"""Beyond it the two that lie closest become one, and the little time between them is given."""
WAITING = frozenset({"pending", "on_hold"})


def kind_of(status: str) -> PauseKind | None:
    """None while its clock runs."""
    if status in states.OVER:
        return "over"
    return "waiting" if status in WAITING else None


def moved(pauses: tuple[Pause, ...], to: PauseKind | None, *, at: datetime) -> tuple[Pause, ...]:
    """The pauses once a status of that kind holds from a moment on."""
    last = pauses[-1] if pauses else None
    if last and last.end is None:
        if last.kind == to:
            return pauses
        # Two servers need not agree to the millisecond.
        ended = replace(last, end=max(at, last.start))
        pauses = (*pauses[:-1], ended) if ended.end != ended.start else pauses[:-1]
        at = max(at, last.start)
    if to is None:
        return pauses
    if pauses and pauses[-1].kind == to and pauses[-1].end == at:
        return (*pauses[:-1], replace(pauses[-1], end=None))
    return _bounded((*pauses, Pause(to, at)))


def without(pauses: tuple[Pause, ...], since: datetime, to: PauseKind | None) -> tuple[Pause, ...]:
    """The pauses as if a change of the status at `since` had not been: what held before holds on.

    to: what kind that was.
    """
    before = tuple(
        replace(each, end=since if each.end is None else min(each.end, since))
        for each in pauses
        if each.start < since
    )
    return moved(before, to, at=since)


def life_of(row: Mapping[str, Any], pauses: tuple[Pause, ...]) -> Life:
    return Life(row["created_at"], row.get("first_replied_at"), pauses)


def pauses_of(row: Mapping[str, Any]) -> tuple[Pause, ...]:
    """As they stand with the issue. One from before there were any is taken to have waited since
    its status was set."""
    if "sla" in row:
        return tuple(_read(row["sla"]["pauses"]))
    kind = kind_of(row["status"])
    if kind is None:
        return ()
    touched = row.get("touched", {}).get("status") or {}
    return (Pause(kind, touched.get("at") or row.get("resolved_at") or row["created_at"]),)


def stored(pauses: Iterable[Pause]) -> list[dict[str, Any]]:
    return [{"kind": each.kind, "start": each.start, "end": each.end} for each in pauses]


def _read(found: Iterable[Mapping[str, Any]]) -> Iterable[Pause]:
    return (Pause(each["kind"], each["start"], each["end"]) for each in found)


def _bounded(pauses: tuple[Pause, ...]) -> tuple[Pause, ...]:
    if len(pauses) <= MOST:
        return pauses
    gaps = [
        (after.start - before.end, at)
        for at, (before, after) in enumerate(pairwise(pauses))
        if before.end is not None and before.kind == after.kind
    ]
    if not gaps:
        return pauses
    _, at = min(gaps)
    one = replace(pauses[at], end=pauses[at + 1].end)
    return (*pauses[:at], one, *pauses[at + 2 :])
