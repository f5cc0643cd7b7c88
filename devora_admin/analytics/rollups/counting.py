"""Counts events, each once: the transaction that counts one notes so in it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from pymongo import UpdateMany
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import COUNTED, EVENTS
from devora_admin.analytics.rollups import catalogue, facts, minutes, people, quarantine, state
from devora_admin.analytics.rollups.dimensions import DIMENSIONS
from devora_admin.analytics.rollups.facts import Facts, Row, Unusable, facts_of, value_of
from devora_admin.analytics.rollups.quarantine import Doubt
from devora_admin.analytics.rollups.tally import Counted, Tally
from devora_admin.core import clock, mongo
from devora_admin.core.raw_bson import LENIENT

# An expression, as a condition would look into lists.
NOT_COUNTED = {
    "$expr": {"$or": [{"$ne": [{"$type": f"${COUNTED}.{name}"}, "string"]} for name in DIMENSIONS]}
}


def count(keys: Sequence[Any], session: ClientSession) -> int:
    """Those of these events that are there and not counted yet; how many that were.

    Reads within the transaction: what is counted twice at once, or erased meanwhile, conflicts.
    """
    wanted = {"_id": {"$in": list(keys)}, **NOT_COUNTED}
    collection = mongo.database().get_collection(EVENTS, codec_options=LENIENT)
    # All in one answer, which without a size would begin with a hundred.
    found = list(collection.find(wanted, facts.read(), session=session, batch_size=len(keys) + 1))
    usable, doubts = _sorted(found)
    now = state.counting(len(usable), session) if usable else None
    if now is not None:
        counted = _counted(usable, catalogue.Known(now), session)
        tally = Tally()
        tally.add(counted, now.zone)
        days = people.days_of(counted, now.zone)
        before = people.stored(days, session)
        after = {each: before.get(each, frozenset()) | seen for each, seen in days.items()}
        people.write(before, after, tally, session)
        tally.write(session)
        minutes.add(counted, session)
        _mark(counted, session)
        catalogue.note(((each.event_type, each.facts) for each in counted), session)
    quarantine.set_aside(doubts, session)
    return len(usable)


def _sorted(rows: Iterable[Row]) -> tuple[list[Facts], list[Doubt]]:
    now = clock.now()
    usable: list[Facts] = []
    doubts: list[Doubt] = []
    for row in rows:
        told = row.get("event_type"), row.get("user_id")
        try:
            found = facts_of(row, now=now)
        except Unusable as fault:
            doubts.append(Doubt(row["_id"], str(fault), False, *told))
            continue
        usable.append(found)
        if found.doubts:
            doubts.append(Doubt(row["_id"], "; ".join(found.doubts), True, *told))
    return usable, doubts


def _counted(
    usable: Sequence[Facts], known: catalogue.Known, session: ClientSession
) -> list[Counted]:
    """With what each is counted under, as it is now."""
    without_plan = {each.user_id for each in usable if not each.plan} - {""}
    plans = _looked_up("users", without_plan, {"subscription.plan": 1}, _plan, session)
    projects = {each.project_id for each in usable} - {""}
    types = _looked_up("projects", projects, {"project_type": 1}, _project_type, session)
    counted = [
        Counted(
            each,
            known.event_type(each.event_type),
            known.dimensions(
                each.plan or plans.get(each.user_id, ""),
                types.get(each.project_id, ""),
                each.model,
            ),
        )
        for each in usable
    ]
    known.write(session)
    return counted


def _looked_up(
    name: str,
    ids: Collection[str],
    shown: dict[str, int],
    value: Callable[[Mapping[str, Any]], str],
    session: ClientSession,
) -> dict[str, str]:
    if not ids:
        return {}
    collection = mongo.database().get_collection(name, codec_options=LENIENT)
    found = collection.find(
        {"id": {"$in": sorted(ids)}}, {"id": 1, **shown}, session=session, batch_size=len(ids) + 1
    )
    return {row["id"]: value(row) for row in found}


def _plan(row: Mapping[str, Any]) -> str:
    subscription = row.get("subscription")
    return value_of(subscription.get("plan")) if isinstance(subscription, dict) else ""


def _project_type(row: Mapping[str, Any]) -> str:
    return value_of(row.get("project_type"))


def _mark(counted: Iterable[Counted], session: ClientSession) -> None:
    alike: dict[tuple[str, ...], list[Any]] = {}
    for found, event_type, of in counted:
        told = event_type if event_type != found.event_type else ""
        alike.setdefault((*of, told), []).append(found.key)
    writes = []
    for (*of_, told), keys in alike.items():
        held = dict(zip(("plan", "project_type", "model"), of_, strict=True))
        if told:
            held["event_type"] = told
        writes.append(UpdateMany({"_id": {"$in": keys}}, {"$set": {COUNTED: held}}))
    mongo.database()[EVENTS].bulk_write(writes, ordered=False, session=session)
