"""Keeping many events at once: those that can be counted among the events, the others aside."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pymongo
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from devora_admin.analytics.documents import QUARANTINE, events
from devora_admin.analytics.events import customers
from devora_admin.analytics.events.checking import Checked, Refused, checked, id_of
from devora_admin.analytics.events.schemas import Verdict
from devora_admin.core import clock, mongo
from devora_admin.core.raw_bson import is_text

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
        told |= _aside({place: each for place, each in found.items() if each.fault}, now)
        told |= _kept({place: each for place, each in found.items() if not each.fault})
        told |= _taken_back(found, told)
    return [told[place] for place in range(len(given))]


def _of_customers(found: dict[int, Checked], told: dict[int, Told]) -> dict[int, Checked]:
    """Without those of customers who are erased; of accounts that were merged, as events of the one
    that stayed."""
    erased, lasting = customers.standing(_user_ids(found.values()))
    if not erased and not lasting:
        return found
    left: dict[int, Checked] = {}
    for place, each in found.items():
        user_id = each.event.get("user_id", "")
        if user_id in erased:
            told[place] = Told(each.event_id, "refused", customers.ERASED)
        else:
            left[place] = each.of(lasting[user_id]) if user_id in lasting else each
    return left


def _taken_back(found: dict[int, Checked], told: dict[int, Told]) -> dict[int, Told]:
    """Those of customers whose erasure began meanwhile."""
    erased = customers.erased_since(_user_ids(found.values()))
    late = {place: each for place, each in found.items() if each.event.get("user_id") in erased}
    customers.take_back(
        erased,
        [each.event["_id"] for place, each in late.items() if told[place].verdict == "accepted"],
        [each.event_id for place, each in late.items() if told[place].verdict == "quarantined"],
    )
    return {place: Told(each.event_id, "refused", customers.ERASED) for place, each in late.items()}


def _user_ids(found: Iterable[Checked]) -> set[str]:
    return {each.event["user_id"] for each in found if "user_id" in each.event}


def _kept(good: dict[int, Checked]) -> dict[int, Told]:
    faults = _inserted(events(), good, [each.data for each in good.values()])
    told: dict[int, Told] = {}
    for place, each in good.items():
        again = Told(each.event_id, "known", "An event of this id is there already.")
        told[place] = _told(faults.get(place), Told(each.event_id, "accepted"), again)
    return told


def _aside(bad: dict[int, Checked], now: datetime) -> dict[int, Told]:
    """The same again is there once."""
    faults = _inserted(mongo.database()[QUARANTINE], bad, list(_rows(bad.values(), now)))
    told: dict[int, Told] = {}
    for place, each in bad.items():
        well = Told(each.event_id, "quarantined", each.fault)
        told[place] = _told(faults.get(place), well, well)
    return told


def _inserted(
    collection: Collection[dict[str, Any]], places: Iterable[int], rows: Sequence[Any]
) -> dict[int, dict[str, Any]]:
    """What became of those that were not, by place. Each is told by itself."""
    if not rows:
        return {}
    try:
        collection.insert_many(rows, ordered=False)
    except BulkWriteError as error:
        if error.details["writeConcernErrors"]:
            raise
        by_index = list(places)
        return {by_index[each["index"]]: each for each in error.details["writeErrors"]}
    return {}


def _told(fault: dict[str, Any] | None, well: Told, again: Told) -> Told:
    if fault is None:
        return well
    if fault["code"] == _IS_THERE:
        return again
    return Told(well.event_id, "refused", f"It cannot be stored: {fault['errmsg'][:200]}.")


def _rows(bad: Iterable[Checked], now: datetime) -> Iterable[dict[str, Any]]:
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
