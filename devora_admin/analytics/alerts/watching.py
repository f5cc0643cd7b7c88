"""Holds every rule against the windows that ended: a chore of the worker.

How a rule stands, what happened and the e-mails of it are written together, on the turn that was
read: of two workers one writes, and none writes twice. A window is looked at once the worker has
counted what came until some minutes after its end, and never before: a worker that is behind sets
off no alert.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.analytics.alerts import letters, windows
from devora_admin.analytics.alerts.documents import alerts, happened, states
from devora_admin.analytics.alerts.looking import Look, looks
from devora_admin.analytics.alerts.machine import Standing, after
from devora_admin.analytics.alerts.rule import MOST, Rule, rule_of
from devora_admin.analytics.rollups.consumer import NAME
from devora_admin.analytics.rollups.state import State, state
from devora_admin.core import clock, consumers, mongo
from devora_admin.core.errors import DomainError
from devora_admin.core.ids import new_id

log = logging.getLogger(__name__)

EVERY_S = 60.0
SETTLED = timedelta(minutes=3)
"""After a window's end: what came in its last minute is counted by then."""
LATE = timedelta(minutes=15)
"""What is not counted up to then is behind, or nobody counts."""
REMINDED = timedelta(days=1)
_MOST_MISSED = 48
"""Windows, after the worker was away: those before are let go."""
_ABOUT = {"hour": 1, "hours": 1, "so_far": 1, "day": 26, "week": 8 * 24}
"""Hours in which one more ends."""
Row = dict[str, Any]


def counted_until() -> datetime | None:
    """Up to when all that came is in the numbers; None where nobody knows, or the days are those of
    another time zone."""
    caught_up_at = consumers.caught_up_at(NAME)
    if caught_up_at is None or state().needs_rebuild:
        return None
    return caught_up_at - SETTLED


def watch() -> int:
    """How many rules were looked at."""
    known, until = state(), counted_until()
    if until is None:
        return 0
    rows = list(alerts().find({"is_active": True}).sort("_id", 1).limit(MOST))
    stored = {row["_id"]: row for row in states().find({"_id": {"$in": [r["_id"] for r in rows]}})}
    for row in rows:
        _one(row, stored.get(row["_id"]), until, known)
    return len(rows)


def _one(row: Row, stored: Row | None, until: datetime, known: State) -> None:
    """One that cannot be looked at keeps nobody from hearing of the others."""
    try:
        rule = rule_of(row)
        judge_rule(rule, stored or {}, until, known.zone)
    except Exception as error:
        if mongo.is_unavailable(error):
            raise
        if not isinstance(error, DomainError):
            log.exception("an alert could not be looked at: %s", row["_id"])
        said = error.message if isinstance(error, DomainError) else type(error).__name__
        put = {"error": said, "error_at": clock.now(), "at": clock.now()}
        _fail(row["_id"], stored or {}, put)


def _fail(rule_id: str, stored: Row, put: Row) -> None:
    try:
        if not _put(rule_id, stored, put):
            log.info("how an alert stands was changed meanwhile: %s", rule_id)
    except DuplicateKeyError:
        log.info("an alert was looked at by another worker: %s", rule_id)


def _put(rule_id: str, stored: Row, put: Row, session: ClientSession | None = None) -> bool:
    """Writes how a rule stands on the turn that was read; False where somebody was quicker."""
    turn = stored.get("turn", 0)
    still = {"_id": rule_id, "turn": turn or {"$in": [0, None]}}
    change = {"$set": put, "$inc": {"turn": 1}}
    done = states().update_one(still, change, upsert=not turn, session=session)
    return bool(done.matched_count or done.upserted_id)


def judge_rule(rule: Rule, stored: Row, until: datetime, zone: ZoneInfo) -> None:
    """stored: how it stands, {} when nobody looked at it yet."""
    is_new = stored.get("asked") != rule.asked
    standing = Standing() if is_new else standing_of(stored)
    since = until - timedelta(hours=_ABOUT[rule.lasting]) if is_new else stored["until"]
    wanted = windows.ending(rule.lasting, since, until, zone)[-_MOST_MISSED:]
    if not wanted and not _is_to_tell(standing, stored) and not stored.get("error"):
        return
    seen = looks(rule, wanted, zone)
    events: list[Row] = []
    if is_new and stored.get("episode"):
        events.append(_event(rule, "changed", until))
    for look in seen:
        standing, kind = after(
            standing, look.judged.outcome, look.window.until, look.reading.value, need=rule.in_row
        )
        if kind:
            events.append(_event(rule, kind, look.window.until, look.reading.value))
    _write(rule, stored, standing, seen, events, zone, is_new=is_new)


def standing_of(stored: Row) -> Standing:
    return Standing(
        stored.get("outcome"), stored.get("in_row", 0), stored.get("state", "ok"),
        stored.get("since"), stored.get("episode"),
    )  # fmt: skip


def is_muted(stored: Mapping[str, Any], now: datetime) -> bool:
    return bool(stored.get("muted_until") and stored["muted_until"] > now)


def _is_to_tell(standing: Standing, stored: Row) -> bool:
    """Of an episode nobody was told of, or not for a day."""
    now, episode = clock.now(), standing.episode
    if episode is None or is_muted(stored, now) or episode.get("acked_at"):
        return False
    return episode["told_at"] is None or now - episode["told_at"] >= REMINDED


def _write(
    rule: Rule,
    stored: Row,
    standing: Standing,
    seen: Sequence[Look],
    events: Sequence[Row],
    zone: ZoneInfo,
    *,
    is_new: bool,
) -> None:
    now = clock.now()
    mails: list[Row] = []
    told = (stored.get("episode") or {}).get("told_at")
    look = seen[-1] if seen else None
    if _is_to_tell(standing, stored) and standing.episode:
        kind = "reminder" if standing.episode["told_at"] else "fired"
        mails = letters.of_alert(rule, kind, standing.episode, look, zone, now)
        standing = _told(standing, now)
    elif told and not standing.episode and not is_new and not is_muted(stored, now):
        mails = letters.of_alert(rule, "over", stored["episode"], look, zone, now)
    put: Row = {**asdict(standing), "asked": rule.asked, "at": now, "error": ""}
    if look:
        put |= {
            "until": look.window.until, "window_since": look.window.since,
            "value": look.reading.value, "usual": look.judged.usual, "low": look.judged.low,
            "high": look.judged.high, "why": look.judged.why,
        }  # fmt: skip
    elif is_new:
        put["until"] = now - SETTLED

    def work(session: ClientSession) -> None:
        if not _put(rule.id, stored, put, session):
            return  # another worker was quicker, or somebody muted it: next time
        if events:
            happened().insert_many([{**each, "at": now} for each in events], session=session)
        letters.enqueue(mails, session=session)

    try:
        mongo.run_in_transaction(work)
    except DuplicateKeyError:
        log.info("an alert was looked at by another worker: %s", rule.id)


def _told(standing: Standing, now: datetime) -> Standing:
    episode = {**(standing.episode or {}), "told_at": now}
    return Standing(
        standing.outcome, standing.in_row, standing.state, standing.since, episode
    )  # fmt: skip


def _event(rule: Rule, kind: str, until: datetime, value: Any = None) -> Row:
    return {"_id": new_id(), "rule_id": rule.id, "kind": kind, "until": until, "value": value}
