"""From one window to the next: as it should be, firing, or without data."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from devora_admin.analytics.alerts.judging import Outcome
from devora_admin.analytics.metrics import Value
from devora_admin.core.ids import new_id

State = Literal["ok", "firing", "no_data"]
Kind = Literal["", "fired", "over", "no_data", "data"]
STATES: dict[Outcome, State] = {"bad": "firing", "good": "ok", "none": "no_data"}


@dataclass(frozen=True, slots=True)
class Standing:
    outcome: Outcome | None = None
    in_row: int = 0
    state: State = "ok"
    since: datetime | None = None
    episode: dict[str, Any] | None = None
    """From when it fired until it is over: what is without data between is not over."""


def after(
    standing: Standing, outcome: Outcome, until: datetime, value: Value, *, need: int
) -> tuple[Standing, Kind]:
    """until: the end of the window. need: how many have to agree before anything changes."""
    in_row = standing.in_row + 1 if outcome == standing.outcome else 1
    now = replace(standing, outcome=outcome, in_row=in_row)
    state = STATES[outcome]
    if in_row < need or state == standing.state:
        return replace(now, since=standing.since or until), ""
    now = replace(now, state=state, since=until)
    if state == "firing" and standing.episode is None:
        episode = {"id": new_id(), "since": until, "value": value, "told_at": None}
        return replace(now, episode=episode), "fired"
    if state == "ok" and standing.episode is not None:
        return replace(now, episode=None), "over"
    return now, "no_data" if state == "no_data" else "data"
