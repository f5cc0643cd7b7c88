"""How following the change streams goes, as its page and the metrics show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from devora_admin.core import consumers, mongo
from devora_admin.core.raw_bson import LENIENT
from devora_admin.worker.documents import DEAD_LETTERS, WORKER_STATE

Condition = Literal["stopped", "failing", "reconciling", "behind", "live"]
_BEHIND_S = 5.0
_PACE_AFTER = timedelta(seconds=3)
"""Sooner than that, nobody can tell how long it will take."""


@dataclass(frozen=True, slots=True)
class Reconciling:
    why: str
    handled: int
    total: int | None
    began_at: datetime | None
    left_s: float | None
    """About, at the pace so far."""

    @property
    def percent(self) -> int:
        return min(99, 100 * self.handled // self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class Standing:
    name: str
    label: str
    condition: Condition
    lag_s: float | None
    """Age of the oldest change that is not handled; 0 when there is none, None when unknown."""
    rate: float
    """Changes a second over the last minute."""
    handled: int
    last_change_at: datetime | None
    caught_up_at: datetime | None
    stopped_at: datetime | None
    """When the last lease ended; None while one holds, and before the first."""
    owner: str
    reconciling: Reconciling | None
    last_error: str
    last_error_at: datetime | None
    set_aside: int
    """Dead letters that only staff have tried again."""
    retried: int
    """Dead letters that are still tried again by themselves."""

    @property
    def is_running(self) -> bool:
        return self.condition != "stopped"

    @property
    def error_line(self) -> str:
        return self.last_error.partition("\n")[0]


def standings() -> list[Standing]:
    """One for each registered consumer. Two round trips."""
    stored = mongo.database().get_collection(WORKER_STATE, codec_options=LENIENT)
    states = {row["_id"]: row for row in stored.aggregate([{"$set": {"now": "$$NOW"}}])}
    counts = _letters()
    return [
        _standing(consumer, states.get(consumer.name, {}), counts.get(consumer.name, {}))
        for consumer in consumers.registered()
    ]


def caught_up_at(name: str) -> datetime | None:
    """When this consumer last had nothing left to do; None while it brings everything up to
    date."""
    fields = {"caught_up_at": 1, "reconcile": 1}
    row = mongo.database()[WORKER_STATE].find_one({"_id": {"$eq": name}}, fields) or {}
    found: datetime | None = None if row.get("reconcile") else row.get("caught_up_at")
    return found


def _letters() -> dict[str, dict[str, int]]:
    is_over = {"$cond": [{"$eq": [{"$ifNull": ["$due_at", None]}, None]}, 1, 0]}
    group = {"_id": "$consumer", "all": {"$sum": 1}, "set_aside": {"$sum": is_over}}
    return {
        row["_id"]: row for row in mongo.database()[DEAD_LETTERS].aggregate([{"$group": group}])
    }


def _standing(
    consumer: consumers.Consumer, state: dict[str, Any], letters: dict[str, int]
) -> Standing:
    now, until = state.get("now"), state.get("lease_until")
    is_held = bool(now and until and until > now)
    reconciling = _reconciling(state) if is_held else None
    lag_s = _lag_s(state) if is_held and reconciling is None else None
    return Standing(
        name=consumer.name,
        label=consumer.label,
        condition=_condition(state, is_held, reconciling, lag_s),
        lag_s=lag_s,
        rate=float(state.get("rate") or 0) if is_held else 0.0,
        handled=state.get("handled", 0),
        last_change_at=state.get("wall_time"),
        caught_up_at=state.get("caught_up_at"),
        stopped_at=None if is_held else until,
        owner=(state.get("owner") or "") if is_held else "",
        reconciling=reconciling,
        last_error=state.get("last_error") or "",
        last_error_at=state.get("last_error_at"),
        set_aside=letters.get("set_aside", 0),
        retried=letters.get("all", 0) - letters.get("set_aside", 0),
    )


def _condition(
    state: dict[str, Any], is_held: bool, reconciling: Reconciling | None, lag_s: float | None
) -> Condition:
    if not is_held:
        return "stopped"
    failed_at, stored_at = state.get("last_error_at"), state.get("stored_at")
    if failed_at and (not stored_at or failed_at > stored_at):
        return "failing"
    if reconciling:
        return "reconciling"
    return "behind" if lag_s is not None and lag_s > _BEHIND_S else "live"


def _lag_s(state: dict[str, Any]) -> float | None:
    if not state.get("token"):
        return None
    since = state.get("behind_since")
    return max(0.0, (state["now"] - since).total_seconds()) if since else 0.0


def _reconciling(state: dict[str, Any]) -> Reconciling | None:
    stored = state.get("reconcile")
    if not stored:
        return None
    began_at, handled, total = state.get("reconcile_began_at"), stored["handled"], stored["total"]
    left_s = None
    if began_at and handled and total and (took := state["now"] - began_at) > _PACE_AFTER:
        left_s = took.total_seconds() / handled * max(0, total - handled)
    return Reconciling(stored["why"], handled, total, began_at, left_s)
