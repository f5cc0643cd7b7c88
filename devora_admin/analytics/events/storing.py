"""Keeping many events at once: those that can be counted among the events, the others aside."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pymongo
from pymongo.errors import BulkWriteError

from devora_admin.analytics.documents import QUARANTINE, events
from devora_admin.analytics.events.checking import Checked, Refused, checked, id_of
from devora_admin.analytics.events.schemas import Verdict
from devora_admin.core import clock, mongo
from devora_admin.core.raw_bson import is_text
from devora_admin.users.erasing import fence
from devora_admin.users.queries.owners import lasting_ids

_PATIENCE_S = 20.0
_IS_THERE = 11000
_SHOWN = 100


class Told(NamedTuple):
    event_id: str | None
    verdict: Verdict
    reason: str = ""


def store(given: Sequence[Any]) -> list[Told]:
    """given: events as JSON has them. What became of each, in their order; again, the same events
    are kept once. All that is told as kept is on disk, on most servers."""
    now = clock.now()
    told: dict[int, Told] = {}
    found: dict[int, Checked] = {}
    for place, each in enumerate(given):
        try:
            found[place] = checked(each, now=now)
        except Refused as refusal:
            told[place] = Told(_id_or_none(each), "refused", str(refusal))
    with pymongo.timeout(_PATIENCE_S):
        found = _of_customers(found, told)
        good = {place: each for place, each in found.items() if not each.fault}
        bad = {place: each for place, each in found.items() if each.fault}
        told |= _aside(bad, now)
        told |= _kept(good)
    return [told[place] for place in range(len(given))]


def _of_customers(found: dict[int, Checked], told: dict[int, Told]) -> dict[int, Checked]:
    """Without those of customers who are being erased; of accounts that were merged, as events of
    the one that stayed."""
    ids = {each.event["user_id"] for each in found.values() if "user_id" in each.event}
    if not ids:
        return found
    erasing, merged = fence.erasing_among(ids), lasting_ids(ids)
    if not erasing and not merged:
        return found
    left: dict[int, Checked] = {}
    for place, each in found.items():
        user_id = each.event.get("user_id", "")
        if user_id in erasing or merged.get(user_id) in erasing:
            told[place] = Told(each.event_id, "refused", "This customer is being erased.")
        else:
            left[place] = each.of(merged[user_id]) if user_id in merged else each
    return left


def _kept(good: dict[int, Checked]) -> dict[int, Told]:
    if not good:
        return {}
    faults: dict[int, dict[str, Any]] = {}
    places = list(good)
    try:
        events().insert_many([each.data for each in good.values()], ordered=False)
    except BulkWriteError as error:
        if error.details["writeConcernErrors"]:
            raise
        faults = {places[each["index"]]: each for each in error.details["writeErrors"]}
    return {place: _told(each, faults.get(place)) for place, each in good.items()}


def _told(each: Checked, fault: dict[str, Any] | None) -> Told:
    if fault is None:
        return Told(each.event_id, "accepted")
    if fault["code"] == _IS_THERE:
        return Told(each.event_id, "known", "An event of this id is there already.")
    return Told(each.event_id, "refused", f"It cannot be stored: {fault['errmsg'][:200]}.")


def _aside(bad: dict[int, Checked], now: datetime) -> dict[int, Told]:
    """The same again is there once."""
    if bad:
        try:
            rows = _rows(bad.values(), now)
            mongo.database()[QUARANTINE].insert_many(rows, ordered=False)
        except BulkWriteError as error:
            codes = {each["code"] for each in error.details["writeErrors"]}
            if error.details["writeConcernErrors"] or codes - {_IS_THERE}:
                raise
    return {place: Told(each.event_id, "quarantined", each.fault) for place, each in bad.items()}


def _rows(bad: Collection[Checked], now: datetime) -> Iterable[dict[str, Any]]:
    for each in bad:
        event = each.event
        kind, user_id = event["event_type"], event.get("user_id", "")
        yield {
            "_id": f"api:{each.event_id}",
            "reason": each.fault,
            "is_counted": False,
            "event_type": kind[:_SHOWN] if is_text(kind) else "",
            "user_id": user_id,
            "at": now,
            "event": event,
        }


def _id_or_none(given: Any) -> str | None:
    try:
        return id_of(given) if isinstance(given, dict) else None
    except Refused:
        return None
