"""What an issue carries of its clock: `sla`, and on top `due_at` and `due_kind` for lists.

Every write of an issue goes through here, in its own transaction, so that no way of changing one
can leave its clock behind.

`sla`: `{policy, pauses: [{kind, start, end}], first_reply, resolution, first_breached_at,
resolution_breached_at, kept, told, tell_at}`. The two promises are as `clock.Promise`. `kept` says
by promise `{at, noted_at}`: that it was broken before its priority was changed, and when that was.
`policy` is the revision they were reckoned with, left out once the issue is over; `told` says by
promise of which due moments people were warned and told; `tell_at` is when there is something to
tell next.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.support.sla import pauses, policies
from devora_admin.support.sla.clock import Clock, Pause, Promise, clock_of
from devora_admin.support.sla.policy import Policy
from devora_admin.support.states import OVER

Row = dict[str, Any]
NOTHING: Mapping[str, datetime] = MappingProxyType({})
FIELDS = ("sla", "due_at", "due_kind")
PROMISES = ("first_reply", "resolution")
BREACHED_AT = {"first_reply": "first_breached_at", "resolution": "resolution_breached_at"}


def of_new(row: Mapping[str, Any], *, policy: Policy) -> Row:
    """The fields of an issue that is about to be stored."""
    kind = pauses.kind_of(row["status"])
    begun = pauses.moved((), kind, at=row["created_at"])
    put = stamp(row, begun, policy, now=row["created_at"])
    return {key: value for key, value in put.items() if value is not None}


def of_change(
    row: Mapping[str, Any],
    put: Mapping[str, Any],
    *,
    at: datetime,
    session: ClientSession,
    undoes: Mapping[str, datetime] = NOTHING,
) -> Row:
    """What to put besides; None removes a field. put: what is changed, None likewise.

    undoes: by field, when what is taken back was done: the clock is as if it had not been.
    """
    before, after = (pauses.kind_of({**row, **each}["status"]) for each in ({}, put))
    is_answered = "first_replied_at" in put and "first_replied_at" not in row
    if before == after == "over" and "sla" in row and not is_answered:
        return {}
    now_row = {**row, **put}
    spans = pauses.pauses_of(row)
    if "status" in undoes:
        spans = pauses.without(spans, undoes["status"], after)
    spans = pauses.moved(spans, after, at=at)
    first = _kept_first(row) if now_row.get("first_replied_at") else None
    found = stamp(now_row, spans, policies.current(session), now=at, first=first)
    return _on_record(row, now_row, found, at=at, undoes=undoes)


def again(row: Mapping[str, Any], policy: Policy, *, now: datetime) -> Row:
    """As `of_change`, where nothing of the issue changed but what is promised."""
    return stamp(row, pauses.pauses_of(row), policy, now=now, first=_kept_first(row))


def stamp(
    row: Mapping[str, Any],
    spans: tuple[Pause, ...],
    policy: Policy,
    *,
    now: datetime,
    first: Mapping[str, Any] | None = None,
) -> Row:
    """first: how the first reply was judged, when it was given already."""
    clock = clock_of(policy, row["priority"], pauses.life_of(row, spans), now=now)
    told = dict((row.get("sla") or {}).get("told", {}))
    sla: Row = {"pauses": pauses.stored(spans), "told": told}
    sla |= _promises(clock, first)
    if kept := (row.get("sla") or {}).get("kept"):
        sla["kept"] = kept
    _mark(sla)
    if not (spans and spans[-1].kind == "over" and spans[-1].end is None):
        sla["policy"] = policy.revision
    if tell_at := next_to_tell(sla):
        sla["tell_at"] = tell_at
    due_at, due_kind = clock.due or (None, None)
    return {"sla": sla, "due_at": due_at, "due_kind": due_kind}


def _on_record(
    row: Mapping[str, Any],
    now_row: Mapping[str, Any],
    found: Row,
    *,
    at: datetime,
    undoes: Mapping[str, datetime],
) -> Row:
    """A promise that was broken before its priority was changed stays so. Taking back a change
    takes back what came on record through it alone."""
    sla: Row = found["sla"]
    kept = dict(sla.pop("kept", {}))
    if "priority" in undoes:
        kept = {name: each for name, each in kept.items() if each["noted_at"] != undoes["priority"]}
    elif now_row["priority"] != row["priority"]:
        for name in PROMISES:
            was = _broken_at((row.get("sla") or {}).get(name) or {}, at)
            if was and not (sla.get(name) or {}).get("breached_at"):
                kept.setdefault(name, {"at": was, "noted_at": at})
    if "status" in undoes and now_row["status"] in OVER:
        # What was over all the while broke no promise in it.
        kept = {name: each for name, each in kept.items() if each["noted_at"] < undoes["status"]}
    for mark in BREACHED_AT.values():
        sla.pop(mark, None)
    if kept:
        sla["kept"] = kept
    _mark(sla)
    return found


def _mark(sla: Row) -> None:
    """When each promise was broken, by what holds now, else by what is on record."""
    for name, mark in BREACHED_AT.items():
        broken = (sla.get(name) or {}).get("breached_at")
        if broken := broken or (sla.get("kept", {}).get(name) or {}).get("at"):
            sla[mark] = broken


def _broken_at(promise: Mapping[str, Any], at: datetime) -> datetime | None:
    """Also of one that was broken since it was stored."""
    if broken := promise.get("breached_at"):
        return broken  # type: ignore[no-any-return]
    due: datetime | None = promise.get("due_at")
    return due if promise.get("state") == "running" and due and due < at else None


def _promises(clock: Clock, first: Mapping[str, Any] | None) -> Row:
    found: Row = {}
    if first is not None:
        found |= {"first_reply": first} if first else {}
    elif clock.first_reply:
        found["first_reply"] = _shape(clock.first_reply)
    if clock.resolution:
        found["resolution"] = _shape(clock.resolution)
    return found


def _shape(promise: Promise) -> Row:
    return {key: value for key, value in asdict(promise).items() if value is not None}


def _kept_first(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A reply is judged by what was promised when it was given. {} when that was nothing."""
    if "sla" not in row or not row.get("first_replied_at"):
        return None
    found: Mapping[str, Any] = row["sla"].get("first_reply") or {}
    return None if found.get("state") == "ended" else found


def next_to_tell(sla: Mapping[str, Any]) -> datetime | None:
    return min((at for _, _, at in to_tell(sla)), default=None)


def to_tell(sla: Mapping[str, Any]) -> list[tuple[str, str, datetime]]:
    """Promise, kind of notice, and from when: what nobody was told yet."""
    found: list[tuple[str, str, datetime]] = []
    for name in PROMISES:
        promise, told = sla.get(name) or {}, sla["told"].get(name) or {}
        due, warn = promise.get("due_at"), promise.get("warn_at")
        is_open = promise.get("state") in ("running", "paused")
        if due is None or not is_open or told.get("breached") == due:
            continue
        found.append((name, "breached", due))
        if warn is not None and warn < due and told.get("warned") != due:
            found.append((name, "warned", warn))
    return found
