"""Events that were not counted, or without one of their numbers, as their page lists them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.analytics.documents import QUARANTINE
from devora_admin.core import mongo
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor
from devora_admin.core.raw_bson import LENIENT
from devora_admin.users.queries.owners import Owner, owners

PAGE_SIZE = 50
MOST_COUNTED = 10_000
_SCOPE = "quarantine"
_INDEX = [("at", -1), ("_id", -1)]
_SHOWN = {"reason": 1, "is_counted": 1, "event_type": 1, "user_id": 1, "at": 1}


@dataclass(frozen=True, slots=True)
class Held:
    key: str
    event_type: str
    reason: str
    is_counted: bool
    """Without the number that is wrong."""
    owner: Owner | None
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldPage:
    rows: list[Held]
    next: str
    """A cursor, or "" at the end."""
    count: int
    """No further than MOST_COUNTED + 1."""


def held_page(cursor: str) -> HeldPage:
    """The latest first; three round trips. Raises InvalidInput for a damaged cursor."""
    collection = mongo.database().get_collection(QUARANTINE, codec_options=LENIENT)
    found = collection.find({}, _SHOWN).sort(_INDEX).limit(PAGE_SIZE + 2)
    key: tuple[Any, ...] | None = None
    if cursor:
        # A bound of the index, as the ids of events are of any type and `$lt` compares within one.
        key = decode_cursor(cursor, scope=_SCOPE).key
        found = found.hint(_INDEX).min(list(zip(("at", "_id"), key, strict=True)))
    read = list(found)
    if key is not None:
        read = [row for row in read if (row["at"], row["_id"]) != key]
    rows = read[:PAGE_SIZE]
    more = ""
    if len(read) > PAGE_SIZE:
        more = encode_cursor(Cursor("after", _SCOPE, (rows[-1]["at"], rows[-1]["_id"])))
    count = collection.count_documents({}, limit=MOST_COUNTED + 1)
    known = owners(row.get("user_id") for row in rows)
    return HeldPage([_held(row, known) for row in rows], more, count)


def _held(row: dict[str, Any], known: dict[str, Owner]) -> Held:
    return Held(
        key=str(row["_id"]).removeprefix("api:")[:100],
        event_type=row["event_type"],
        reason=row["reason"],
        is_counted=row["is_counted"],
        owner=known.get(row["user_id"]) if row["user_id"] else None,
        at=row["at"],
    )
