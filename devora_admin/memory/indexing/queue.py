"""The documents that wait to be indexed, in MongoDB: PostgreSQL may be away for long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.core import clock
from devora_admin.core.ids import new_id
from devora_admin.memory.documents import queue

MOST_TRIES = 5
CLAIM = timedelta(seconds=30)
_SETTLE = timedelta(seconds=1)
"""A document that is being typed into is read when the burst is over, not with every key."""
_FIRST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Claimed:
    collection: str
    key: Any
    """The document's `_id`."""
    marks: int
    since: datetime
    tries: int
    owner: str

    @property
    def id(self) -> dict[str, Any]:
        return {"c": self.collection, "k": self.key}


def mark(
    documents: Iterable[tuple[str, Any]],
    *,
    session: ClientSession | None = None,
    settle: timedelta = _SETTLE,
) -> None:
    """documents: collection and `_id`. A dead one gets new tries: it may be another by now."""
    due_at = clock.now() + settle
    changes = [
        UpdateOne(
            {"_id": {"c": collection, "k": key}},
            [
                {
                    "$set": {
                        "marks": {"$add": [{"$ifNull": ["$marks", 0]}, 1]},
                        "since": {"$ifNull": ["$since", "$$NOW"]},
                        "due_at": {"$ifNull": ["$due_at", due_at]},
                        "tries": {"$cond": ["$dead_at", 0, {"$ifNull": ["$tries", 0]}]},
                    }
                },
                {"$unset": "dead_at"},
            ],
            upsert=True,
        )
        for collection, key in documents
    ]
    if changes:
        queue().bulk_write(changes, ordered=False, session=session)


def claim(most: int, *, newest_first: bool = False) -> list[Claimed]:
    """Documents nobody else works on for the next half minute.

    newest_first: so that one that just changed does not wait behind ten thousand others.
    """
    now, owner = clock.now(), new_id()
    order = [("due_at", -1 if newest_first else 1)]
    found = queue().find({"due_at": {"$lte": now}}, {"_id": 1}).sort(order).limit(most)
    ids = [row["_id"] for row in found]
    if not ids:
        return []
    queue().update_many(
        {"_id": {"$in": ids}, "due_at": {"$lte": now}},
        [{"$set": {"owner": owner, "due_at": now + CLAIM, "claimed_at": "$$NOW"}}],
    )
    return [
        Claimed(row["_id"]["c"], row["_id"]["k"], row["marks"], row["since"], row["tries"], owner)
        for row in queue().find({"owner": owner})
    ]


def done(item: Claimed) -> None:
    """Takes it out, unless it was marked again meanwhile: then it is due again."""
    mine = {"_id": item.id, "owner": item.owner}
    if queue().delete_one({**mine, "marks": item.marks}).deleted_count:
        return
    # It waits for what came during the work: since no sooner than that began.
    again = {"due_at": clock.now(), "since": {"$ifNull": ["$claimed_at", "$$NOW"]}, "tries": 0}
    queue().update_one(mine, [{"$set": again}, {"$unset": "owner"}])


def give_back(items: Iterable[Claimed]) -> None:
    """Leaves them to whoever comes next; nothing was tried."""
    for item in items:
        queue().update_one(
            {"_id": item.id, "owner": item.owner},
            {"$set": {"due_at": clock.now()}, "$unset": {"owner": ""}},
        )


def failed(item: Claimed, error: BaseException) -> None:
    """Later again, or set aside after the last try."""
    tries = item.tries + 1
    noted: dict[str, Any] = {"tries": tries, "error": f"{type(error).__name__}: {error}"[:500]}
    mine = {"_id": item.id, "owner": item.owner}
    if tries >= MOST_TRIES:
        change: dict[str, Any] = {
            "$set": {**noted, "dead_at": clock.now()},
            "$unset": {"owner": "", "due_at": ""},
        }
    else:
        change = {
            "$set": {**noted, "due_at": clock.now() + _FIRST_PAUSE * 2**tries},
            "$unset": {"owner": ""},
        }
    queue().update_one(mine, change)
