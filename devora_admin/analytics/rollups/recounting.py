"""Customers' days made again from their events, where these were erased or went to others."""

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import EVENTS, RECOUNTS
from devora_admin.analytics.rollups import facts, people, raw, state
from devora_admin.analytics.rollups.people import UserDay, user_day_of, user_days
from devora_admin.analytics.rollups.tally import Tally
from devora_admin.core import clock, mongo
from devora_admin.core.raw_bson import LENIENT

log = logging.getLogger(__name__)
CHORE, EVERY_S = "recount customers' days", 10.0
_AT_ONCE = 40
_PATIENCE_S = 30.0


def recount(days: Collection[UserDay], session: ClientSession) -> int:
    """Counts their customers anew, and nothing else. How many of the days are none any more."""
    zone = state.held(session).zone
    tally = Tally()
    gone = _recount(days, tally, zone, session)
    tally.write(session)
    tally.tidy(session)
    return gone


def _recount(
    days: Collection[UserDay], tally: Tally, zone: ZoneInfo, session: ClientSession
) -> int:
    before = people.stored(days, session)
    after = raw.days_of(days, zone, session)
    people.write(before, after, tally, session)
    return len(before.keys() - after.keys())


def erase(condition: dict[str, Any], session: ClientSession, *, with_days: bool = True) -> int:
    """Deletes events and takes them out of what they were counted in, all at once.

    with_days: False leaves the customers' days as they are, to whoever recounts these afterwards.
    """
    events = mongo.database().get_collection(EVENTS, codec_options=LENIENT)
    rows = list(events.find(condition, facts.read(), session=session))
    if not rows:
        return 0
    zone = state.held(session).zone
    counted = [found for row in rows if (found := raw.as_counted(row))]
    gone = events.delete_many({"_id": {"$in": [row["_id"] for row in rows]}}, session=session)
    tally = Tally()
    tally.add(counted, zone, sign=-1)
    if with_days:
        _recount(people.days_of(counted, zone).keys(), tally, zone, session)
    tally.write(session)
    tally.tidy(session)
    return gone.deleted_count


def mark(user_ids: Iterable[str], session: ClientSession) -> None:
    """Has the chore look at all their days again."""
    now = clock.now()
    mongo.database()[RECOUNTS].bulk_write(
        [UpdateOne({"_id": each}, {"$set": {"marked_at": now}}, upsert=True) for each in user_ids],
        session=session,
    )


def recount_marked() -> int:
    """Returns how many customers that were. One of whom it fails comes last the next time."""
    marks = mongo.database()[RECOUNTS]
    done = 0
    for row in list(marks.find().sort("marked_at", 1).limit(100)):
        try:
            for days in _days_of(row["_id"]):
                _run(days)
        except Exception:
            log.exception("the days of a customer could not be counted anew")
            marks.update_one(row, {"$set": {"marked_at": clock.now()}})
            continue
        # Marked again meanwhile, it stays.
        marks.delete_one(row)
        done += 1
    return done


def _run(days: Sequence[UserDay]) -> None:
    mongo.run_in_transaction(lambda session: recount(days, session), patience_s=_PATIENCE_S)


def _days_of(user_id: str) -> Iterable[list[UserDay]]:
    """Days with events of theirs, and those that were counted as such; some at a time."""
    zone = state.state().zone
    found = {
        user_day_of(row["_id"]) for row in user_days().find({"_id.user_id": user_id}, {"_id": 1})
    }
    events = mongo.database().get_collection(EVENTS, codec_options=LENIENT)
    dated = {"user_id": user_id, "timestamp": {"$type": "date", "$gte": facts.EARLIEST}}
    for row in events.find(dated, {"timestamp": 1, "_id": 0}):
        found.add(UserDay(user_id, row["timestamp"].astimezone(zone).date()))
    ordered = sorted(found)
    return [ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE)]
