"""Telling people before a promise is broken, and once it is: a chore of the worker.

Each issue says when there is something to tell of it next, and an index holds that moment, so the
chore reads what is to be told now and nothing else. Nobody is told of one due moment twice.
"""

from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.support.documents import issues
from devora_admin.support.sla import stamping
from devora_admin.support.sla.documents import notices

EVERY_S = 20.0
_AT_ONCE = 500
Row = dict[str, Any]
_FIELDS = {"number": 1, "assignee_id": 1, "watchers": 1, "sla": 1, "revision": 1}


def tell() -> int:
    """How many issues there was something to tell of."""
    due = {"sla.tell_at": {"$lt": clock.now()}}
    found = issues().find(due, {"_id": 1}).sort([("sla.tell_at", 1), ("number", 1)])
    return sum(_tell_of(row["_id"]) for row in found.limit(_AT_ONCE))


def _tell_of(issue_id: str) -> bool:
    def work(session: ClientSession) -> bool:
        row, now = issues().find_one({"_id": issue_id}, _FIELDS, session=session), clock.now()
        if row is None or not row.get("sla", {}).get("tell_at", now) < now:
            return False  # somebody wrote in it since, or another worker told of it
        sla, said = row["sla"], _said_now(row["sla"], now)
        for promise, kind, due_at in said:
            sla["told"].setdefault(promise, {})[kind] = due_at
            if kind == "breached":
                sla[stamping.BREACHED_AT[promise]] = due_at
                sla[promise]["breached_at"] = due_at
        sla.pop("tell_at")
        if next_at := stamping.next_to_tell(sla):
            sla["tell_at"] = next_at
        still = {"_id": issue_id, "revision": row["revision"]}
        if not issues().update_one(still, {"$set": {"sla": sla}}, session=session).matched_count:
            return False  # written in the same moment: taken up at the next turn
        _note(row, said, now, session)
        return True

    return mongo.run_in_transaction(work)


def _said_now(sla: Row, now: datetime) -> list[tuple[str, str, datetime]]:
    """Promise, kind and due moment. Where one is broken, nobody needs the warning any more."""
    found: dict[str, str] = {}
    for promise, kind, at in stamping.to_tell(sla):
        if at < now and found.get(promise) != "breached":
            found[promise] = kind
    return [(promise, kind, sla[promise]["due_at"]) for promise, kind in found.items()]


def _note(
    row: Row, said: list[tuple[str, str, datetime]], now: datetime, session: ClientSession
) -> None:
    people = dict.fromkeys(who for who in (row["assignee_id"], *row["watchers"]) if who)
    writes = [
        _new(row, who, promise, kind, due_at, now)
        for who in people
        for promise, kind, due_at in said
    ]
    if writes:
        notices().bulk_write(writes, ordered=False, session=session)


def _new(row: Row, who: str, promise: str, kind: str, due_at: datetime, now: datetime) -> UpdateOne:
    values = {
        "who": who,
        "number": row["number"],
        "issue_id": row["_id"],
        "promise": promise,
        "kind": kind,
        "due_at": due_at,
        "at": now,
        "seen_at": None,
    }
    key = f"{row['_id']}:{promise}:{kind}:{int(due_at.timestamp() * 1000)}:{who}"
    return UpdateOne({"_id": key}, {"$setOnInsert": values}, upsert=True)
