"""Alerts as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.analytics.alerts.documents import alerts, happened, states
from devora_admin.analytics.alerts.letters import chart_url
from devora_admin.analytics.alerts.rule import MOST, Rule, rule_of
from devora_admin.analytics.alerts.watching import is_muted
from devora_admin.analytics.alerts.windows import Window
from devora_admin.analytics.charts import words
from devora_admin.analytics.rollups.state import state
from devora_admin.core import clock
from devora_admin.core.errors import NotFound

Row = Mapping[str, Any]
MOST_HAPPENED = 200
LABELS = {
    "ok": "As it should be", "firing": "Firing", "no_data": "No data", "new": "Not looked at yet",
    "failed": "Could not be looked at", "off": "Not in use",
}  # fmt: skip
TONES = {"ok": "success", "firing": "danger", "no_data": "warning", "failed": "warning"}
KINDS = {
    "fired": "Began to fire", "over": "Is over", "no_data": "Has no data", "data": "Has data again",
    "changed": "Was changed while it fired, and begins anew", "mute": "Muted",
    "unmute": "Heard again", "acknowledge": "Acknowledged",
}  # fmt: skip
_FOR_GOOD = 9000
"""A year beyond which nobody mutes until a time."""


@dataclass(frozen=True, slots=True)
class Alert:
    rule: Rule
    state: str
    value: str
    """The last, "" before there was one."""
    usual: str
    until: datetime | None
    """The end of the time it is of."""
    since: datetime | None
    """Since when it stands as it does; of one that fires, since when it does."""
    why: str
    """Of one that has no data, or could not be looked at."""
    muted_until: datetime | None
    muted_by: str
    acked_by: str
    chart_url: str

    @property
    def label(self) -> str:
        return LABELS[self.state]

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "neutral")

    @property
    def is_open(self) -> bool:
        return self.state == "firing"

    @property
    def is_muted_for_good(self) -> bool:
        return self.muted_until is not None and self.muted_until.year > _FOR_GOOD


@dataclass(frozen=True, slots=True)
class Happened:
    label: str
    kind: str
    at: datetime
    until: datetime | None
    value: str
    by: str


def every_alert() -> list[Alert]:
    """Those that fire first. Three round trips."""
    rows = list(alerts().find().sort("name", 1).limit(MOST))
    stored = {
        each["_id"]: each for each in states().find({"_id": {"$in": [r["_id"] for r in rows]}})
    }
    found = [_alert(row, stored.get(row["_id"], {})) for row in rows]
    return sorted(found, key=lambda each: (not each.is_open, each.rule.name.casefold()))


def firing() -> list[Alert]:
    """Of rules in use. One round trip where nothing fires, three else."""
    stored = {
        row["_id"]: row for row in states().find({"episode": {"$type": "object"}}).limit(MOST)
    }
    if not stored:
        return []
    rows = alerts().find({"_id": {"$in": list(stored)}, "is_active": True}).sort("name", 1)
    return [_alert(row, stored[row["_id"]]) for row in rows]


def alert(key: str) -> Alert:
    """Raises NotFound."""
    row = alerts().find_one({"_id": {"$eq": key}})
    if row is None:
        raise NotFound("alert", key)
    return _alert(row, states().find_one({"_id": key}) or {})


def history(found: Alert) -> Sequence[Happened]:
    """The latest first."""
    order = [("at", -1), ("_id", -1)]
    rows = happened().find({"rule_id": found.rule.id}).sort(order).limit(MOST_HAPPENED)
    unit = found.rule.of.unit
    return [
        Happened(
            KINDS.get(row["kind"], row["kind"]), row["kind"], row["at"], row.get("until"),
            words.told(row["value"], unit) if "value" in row else "", row.get("by", ""),
        )
        for row in rows
    ]  # fmt: skip


def _alert(row: Row, stored: Row) -> Alert:
    rule, now = rule_of(row), clock.now()
    is_judged = stored.get("asked") == rule.asked
    episode = stored.get("episode") if is_judged else None
    name = _state(rule, stored, is_judged)
    if name == "failed":
        why = stored.get("error", "")
    else:
        why = stored.get("why", "") if name == "no_data" else ""
    until = stored.get("until") if is_judged else None
    url, begins = "", stored.get("window_since")
    if until and begins:
        url = chart_url(rule, Window(begins, until), state().zone)
    value, usual = stored.get("value"), stored.get("usual")
    return Alert(
        rule, name, words.told(value, rule.of.unit) if until and begins else "",
        words.told(usual, rule.of.unit) if is_judged and usual is not None else "",
        until, episode["since"] if episode else stored.get("since") if is_judged else None, why,
        stored["muted_until"] if is_muted(stored, now) else None, stored.get("muted_by") or "",
        (episode or {}).get("acked_by", ""), url,
    )  # fmt: skip


def _state(rule: Rule, stored: Row, is_judged: bool) -> str:
    if not rule.is_active:
        return "off"
    if stored.get("error"):
        return "failed"
    if not is_judged:
        return "new"
    if stored.get("state") != "no_data" and stored.get("episode"):
        return "firing"
    return str(stored.get("state") or "ok")
