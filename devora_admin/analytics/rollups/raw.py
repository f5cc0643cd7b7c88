"""Events that are counted, with what they were counted under."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import COUNTED, EVENTS
from devora_admin.analytics.periods import DAY, begin
from devora_admin.analytics.rollups import facts, people
from devora_admin.analytics.rollups.facts import Row, Unusable, facts_of
from devora_admin.analytics.rollups.people import Seen, UserDay
from devora_admin.analytics.rollups.tally import Counted
from devora_admin.core import mongo
from devora_admin.core.raw_bson import LENIENT

IS_COUNTED = {f"{COUNTED}.plan": {"$type": "string"}}
_AT_ONCE = 100


def counted(condition: Mapping[str, Any], session: ClientSession) -> Iterator[Counted]:
    collection = mongo.database().get_collection(EVENTS, codec_options=LENIENT)
    wanted = {"$and": [condition, IS_COUNTED]}
    for row in collection.find(wanted, facts.read(), session=session).batch_size(5000):
        if found := as_counted(row):
            yield found


def as_counted(row: Row) -> Counted | None:
    """None for one that is not, or was changed since into what is no event."""
    try:
        found = facts_of(row)
    except Unusable:
        return None
    return Counted(found, found.event_type, found.counted) if found.counted else None


def days_of(user_days: Iterable[UserDay], zone: ZoneInfo, session: ClientSession) -> people.Days:
    """What the events of these customers' days show."""
    left = iter(user_days)
    found: dict[UserDay, Seen] = {}
    while some := list(islice(left, _AT_ONCE)):
        theirs = [
            {
                "user_id": user_id,
                "timestamp": {"$gte": begin(day, zone), "$lt": begin(day + DAY, zone)},
            }
            for user_id, day in some
        ]
        found.update(people.days_of(counted({"$or": theirs}, session), zone))
    return found
