"""Taking note of errors that rise, told by whoever counts events (an app above this one).

One suggestion for one fault: while it lasts its numbers are brought up to date, and once it was
quiet for a day the next rise begins a new episode, whatever became of the one before.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.support.suggestions.documents import hit, suggestions
from devora_admin.support.suggestions.scanning.finding import Certainty
from devora_admin.users.erasing import fence

QUIET = timedelta(hours=24)
MOST_CUSTOMERS = 1000
_AT_ONCE = 500
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    fingerprint: str
    event_type: str
    code: str
    message: str
    """Without what differs from one event to the next, and without secrets."""
    model: str


@dataclass(frozen=True, slots=True)
class Rise:
    fault: Fault
    is_rising: bool
    """Whether it is clearly more than usual now. One that is followed may have ended."""
    certainty: Certainty
    usual: int
    """An hour."""
    hours: tuple[tuple[datetime, int], ...]
    """Counted hours, the earliest first, the last of them not over yet."""
    first_at: datetime
    last_at: datetime
    hit: Mapping[str, tuple[datetime, datetime]]
    """By customer: first and last time within the window that was read."""


def followed() -> set[str]:
    """Fingerprints whose numbers are kept up to date: they were seen within the last day."""
    since = clock.now() - QUIET
    found = suggestions().find({"kind": "spike", "last_at": {"$gte": since}}, {"_id": 1})
    return {row["_id"] for row in found}


def note(rise: Rise) -> None:
    """Harmless twice, and by two workers at once."""
    episode = mongo.run_in_transaction(lambda session: _note(rise, session))
    _forget(rise.fault.fingerprint, before=episode)


def _note(rise: Rise, session: ClientSession) -> int:
    """Its episode, 0 where nothing is to be noted."""
    name, now = rise.fault.fingerprint, clock.now()
    row = suggestions().find_one({"_id": name}, session=session)
    if row is None or (rise.is_rising and row["last_at"] < now - QUIET):
        if not rise.is_rising:
            return 0
        row = _fresh(rise, row)
    else:
        row = {**row, "revision": row["revision"] + 1}
    _put(rise, row, session)
    _put_customers(rise, row["episode"], session)
    return int(row["episode"])


def _forget(name: str, *, before: int) -> None:
    """Whom earlier episodes hit. Some at a time: there may be too many for one transaction."""
    if not before:
        return
    earlier = {"suggestion_id": name, "episode": {"$not": {"$gte": before}}}
    while ids := [row["_id"] for row in hit().find(earlier, {"_id": 1}).limit(_AT_ONCE)]:
        hit().delete_many({"_id": {"$in": ids}})


def _fresh(rise: Rise, before: Row | None) -> Row:
    return {
        "_id": rise.fault.fingerprint,
        "kind": "spike",
        "state": "new",
        "at": clock.now(),
        "first_at": rise.first_at,
        "episode": (before["episode"] if before else 0) + 1,
        "revision": (before["revision"] if before else 0) + 1,
        "usual": rise.usual,
        "certainty": rise.certainty,
    }


def _put(rise: Rise, row: Row, session: ClientSession) -> None:
    fault, since = rise.fault, row["first_at"].replace(minute=0, second=0, microsecond=0)
    counted = sum(count for hour, count in rise.hours if hour >= since)
    values: Row = {
        **row,
        "fingerprint": fault.fingerprint,
        "event_type": fault.event_type,
        "code": fault.code,
        "message": fault.message,
        "model": fault.model,
        "count": max(counted, row.get("count", 0)),
        "hourly": [count for _, count in rise.hours[-24:]],
        "last_at": max(rise.last_at, row.get("last_at", rise.last_at)),
    }
    if rise.is_rising and rise.certainty == "sure":
        values["certainty"] = "sure"
    suggestions().replace_one({"_id": row["_id"]}, values, upsert=True, session=session)


def _put_customers(rise: Rise, episode: int, session: ClientSession) -> None:
    name = rise.fault.fingerprint
    latest = sorted(rise.hit, key=lambda each: rise.hit[each][1], reverse=True)[:MOST_CUSTOMERS]
    erased = fence.erased_among(latest) if latest else set()
    there = _known(latest, session)
    writes = [
        UpdateOne(
            {"_id": _key(name, episode, user_id)},
            {
                "$setOnInsert": {"suggestion_id": name, "episode": episode, "user_id": user_id},
                "$min": {"first_at": rise.hit[user_id][0]},
                "$max": {"last_at": rise.hit[user_id][1]},
            },
            upsert=True,
        )
        for user_id in latest
        if user_id not in erased and user_id in there
    ]
    if writes:
        hit().bulk_write(writes, ordered=False, session=session)


def _known(user_ids: Iterable[str], session: ClientSession) -> set[str]:
    """Not an id of nobody: nothing would ever take it out again."""
    wanted = {"id": {"$in": list(user_ids)}}
    return {row["id"] for row in mongo.database().users.find(wanted, {"id": 1}, session=session)}


def _key(fingerprint: str, episode: int, user_id: str) -> str:
    text = f"{fingerprint}\0{episode}\0{user_id}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:40]
