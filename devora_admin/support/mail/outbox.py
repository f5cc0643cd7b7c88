"""What waits to be sent: enqueued with its message, claimed by lease, marked with what came of it.

`due_at` is both when a row is tried next and, while somebody sends it, when that lease runs out.
Every mark names the claim it was made under, so that who lost a lease changes nothing.

E-mails about one issue leave in the order in which they were written: one that an earlier one keeps
back is put behind it, and is due again as soon as that one is sent or given up.
"""

import random
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from devora_admin.core import clock
from devora_admin.core.ids import new_id
from devora_admin.support.mail.documents import outbox

Row = dict[str, Any]

LEASE = timedelta(minutes=10)
"""More than a conversation with a server takes whose every step is as slow as may be."""
MOST_TRIES = 17
"""With the pauses between them about two days."""
GIVEN_UP_AFTER = timedelta(days=2)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 30.0, 6 * 3600.0
_JITTER = 0.2
_LONGEST_ERROR = 300
_AT_ONCE = 500
_OF_A_TURN = {"issue_id": 1, "queued_at": 1, "due_at": 1}


def enqueue(message_id: str, issue_id: str, at: datetime, *, session: ClientSession) -> None:
    """Within the transaction of the message."""
    outbox().insert_one(_new(message_id, issue_id, at), session=session)


def enqueue_notice(
    notice_id: str,
    issue_id: str,
    at: datetime,
    *,
    wait: timedelta,
    resolved_at: datetime,
    session: ClientSession,
) -> None:
    """Within the transaction that resolves the issue; it leaves after `wait`."""
    row = {"kind": "resolved", "resolved_at": resolved_at, "due_at": at + wait}
    outbox().insert_one({**_new(notice_id, issue_id, at), **row}, session=session)


def move(wanted: Row, issue_id: str, *, session: ClientSession) -> None:
    """What waits and is about another issue now. It may be none."""
    still = {**wanted, "state": "waiting"}
    outbox().update_many(still, {"$set": {"issue_id": issue_id}}, session=session)


def _new(row_id: str, issue_id: str, at: datetime) -> Row:
    domain = parseaddr(settings.SUPPORT_EMAIL)[1].rpartition("@")[2]
    return {
        "_id": row_id,
        "issue_id": issue_id,
        "state": "waiting",
        "mail_id": f"<{new_id()}@{domain}>",
        "queued_at": at,
        "waiting_since": at,
        "due_at": at,
        "attempts": 0,
    }


def claim() -> Row | None:
    """The one that is due longest and that none before it keeps back, for as long as LEASE; None
    when none is."""
    while True:
        now = clock.now()
        wanted = {"state": "waiting", "due_at": {"$lte": now}}
        row = outbox().find_one(wanted, _OF_A_TURN, sort=[("due_at", 1)])
        if row is None:
            return None
        still = {"_id": row["_id"], "state": "waiting", "due_at": row["due_at"]}
        if earlier := _earlier(row):
            _hold(row, still, behind=earlier)
        elif taken := _take(still, now):
            return taken  # else another worker was quicker


def _earlier(row: Row) -> Row | None:
    """One of the same issue that was written before it and still waits. A notice that has its time
    to be withdrawn in keeps nothing back."""
    if "issue_id" not in row:
        return None
    wanted = {
        "issue_id": row["issue_id"],
        "queued_at": {"$lt": row["queued_at"]},
        "state": "waiting",
        "$or": [{"kind": {"$exists": False}}, {"attempts": {"$gt": 0}}],
    }
    return outbox().find_one(wanted, {"due_at": 1}, sort=[("queued_at", 1)])


def _hold(row: Row, still: Row, *, behind: Row) -> None:
    """Unless what kept it back ended meanwhile, when this was not held yet and so not let go."""
    due_at = behind["due_at"] + timedelta(milliseconds=1)
    outbox().update_one(still, {"$set": {"due_at": due_at, "is_held": True}})
    if not _earlier(row):
        let_go(row)


def _take(still: Row, now: datetime) -> Row | None:
    return outbox().find_one_and_update(
        still,
        {
            "$set": {"due_at": now + LEASE, "claim": new_id()},
            "$inc": {"attempts": 1},
            "$unset": {"is_held": ""},
        },
        return_document=ReturnDocument.AFTER,
    )


def mark_sent(row: Row, address: str) -> bool:
    now = clock.now()
    put = {"state": "sent", "sent_at": now, "address": address}
    return _mark(row, put, gone=("due_at", "claim", "error", "error_at", "failed_at"))


def mark_failed(row: Row, error: str) -> bool:
    now = clock.now()
    put = {"state": "failed", "failed_at": now, "error": _line(error), "error_at": now}
    return _mark(row, put, gone=("due_at", "claim"))


def withdraw(row: Row, *, session: ClientSession) -> bool:
    """What is not to be sent any more, as if it had never been enqueued. Let go of what it kept
    back once that holds."""
    still = {"_id": row["_id"], "state": "waiting", "claim": row["claim"]}
    return outbox().delete_one(still, session=session).deleted_count == 1


def put_off(row: Row, error: str) -> bool:
    """To be tried again, or given up after the last try."""
    if row["attempts"] >= MOST_TRIES:
        return mark_failed(row, f"Given up after {MOST_TRIES} tries. {error}")
    now = clock.now()
    due_at = now + timedelta(seconds=pause_s(row["attempts"]))
    put = {"due_at": due_at, "error": _line(error), "error_at": now}
    return _mark(row, put, gone=("claim",))


def pause_s(attempts: int) -> float:
    """Twice as long after each try, and not the same for all that failed at once."""
    plain = min(_FIRST_PAUSE_S * 2.0 ** (attempts - 1), _LONGEST_PAUSE_S)
    return plain * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 (no secret)


def give_up_old() -> int:
    """What waited too long for a server that nobody set: sent out of the blue it would confuse."""
    now = clock.now()
    old = {"state": "waiting", "waiting_since": {"$lt": now - GIVEN_UP_AFTER}}
    rows = list(outbox().find(old, {"issue_id": 1}).limit(_AT_ONCE))
    put = {
        "state": "failed",
        "failed_at": now,
        "error": "No mail server was set for two days.",
        "error_at": now,
    }
    gone = {"due_at": "", "claim": ""}
    change = {"$set": put, "$unset": gone}
    ids = [row["_id"] for row in rows]
    given_up = outbox().update_many({"_id": {"$in": ids}, **old}, change).modified_count
    let_go(*rows)
    return given_up


def _mark(row: Row, put: Row, *, gone: tuple[str, ...]) -> bool:
    """False when another took it over meanwhile, or its customer was erased."""
    still = {"_id": row["_id"], "state": "waiting", "claim": row["claim"]}
    change = {"$set": put, "$unset": dict.fromkeys(gone, "")}
    is_marked = outbox().update_one(still, change).matched_count == 1
    if "state" in put:
        let_go(row)
    return is_marked


def let_go(*rows: Row) -> None:
    """What they kept back. Should the worker die before this, each is due by itself in time."""
    if ids := [row["issue_id"] for row in rows if "issue_id" in row]:
        held = {"issue_id": {"$in": ids}, "state": "waiting", "is_held": True}
        put = {"$set": {"due_at": clock.now()}, "$unset": {"is_held": ""}}
        outbox().update_many(held, put)


def _line(text: str) -> str:
    """Of a stranger's server, perhaps."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:_LONGEST_ERROR]
