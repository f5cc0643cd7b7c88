"""E-mails on their way: how sending stands, and what was given up."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Literal

from django.conf import settings

from devora_admin.core import clock
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor
from devora_admin.support.documents import issues, messages
from devora_admin.support.mail import notices
from devora_admin.support.mail.documents import outbox

PAGE_SIZE = 50
MOST_COUNTED = 10_000
_SCOPE = "failed-mails"
_SHOWN = {"error": 1, "attempts": 1, "failed_at": 1, "kind": 1, "issue_id": 1}


@dataclass(frozen=True, slots=True)
class Sending:
    """How e-mails leave this dashboard, as its environment says."""

    how: Literal["server", "printed", "off"]
    server: str
    sender: str
    reply_to: str
    asks: bool
    """Whether the question for satisfaction goes along."""
    tells: bool
    """Whether customers are told of what was resolved without a reply."""


@dataclass(frozen=True, slots=True)
class Standing:
    waiting: int
    """At most MOST_COUNTED + 1, which means more; as `failed`."""
    failed: int
    oldest_s: float
    """How long the oldest one has been waiting; 0 when none is."""
    sent_at: datetime | None
    """When the last one left."""
    error: str
    """What went wrong last, of those that are not sent."""
    error_at: datetime | None


@dataclass(frozen=True, slots=True)
class FailedMail:
    message_id: str
    number: int | None
    """Of its issue, None when that is not there any more."""
    subject: str
    error: str
    attempts: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class FailedPage:
    rows: list[FailedMail]
    next: str
    """A cursor, or "" at the end."""


def sending() -> Sending:
    server = settings.MAIL_SERVER
    how: Literal["server", "printed", "off"] = "off"
    if settings.MAIL_IS_ON:
        how = "server" if server else "printed"
    return Sending(
        how=how,
        server=f"{server.host}:{server.port}" if server else "",
        sender=parseaddr(settings.SUPPORT_EMAIL)[1],
        reply_to=parseaddr(settings.SUPPORT_REPLY_TO)[1],
        asks=bool(settings.PUBLIC_URL),
        tells=notices.are_on(),
    )


def standing() -> Standing:
    """Five round trips, each of an index."""
    found = outbox().find_one
    oldest = found({"state": "waiting"}, {"waiting_since": 1}, sort=[("waiting_since", 1)])
    sent = found({"sent_at": {"$exists": True}}, {"sent_at": 1}, sort=[("sent_at", -1)])
    wrong = found(
        {"error_at": {"$exists": True}}, {"error": 1, "error_at": 1}, sort=[("error_at", -1)]
    )
    now = clock.now()
    return Standing(
        waiting=_count("waiting"),
        failed=_count("failed"),
        oldest_s=max(0.0, (now - oldest["waiting_since"]).total_seconds()) if oldest else 0.0,
        sent_at=sent["sent_at"] if sent else None,
        error=wrong["error"] if wrong else "",
        error_at=wrong["error_at"] if wrong else None,
    )


def failed_page(cursor: str = "", *, size: int = PAGE_SIZE) -> FailedPage:
    """The latest first. Raises InvalidInput for a damaged cursor."""
    condition: dict[str, Any] = {"state": "failed"}
    if cursor:
        at, message_id = decode_cursor(cursor, scope=_SCOPE).key
        further = [{"failed_at": {"$lt": at}}, {"_id": {"$lt": message_id}}]
        condition |= {"failed_at": {"$lte": at}, "$or": further}
    order = [("failed_at", -1), ("_id", -1)]
    found = list(outbox().find(condition, _SHOWN).sort(order).limit(size + 1))
    rows, more = found[:size], ""
    if len(found) > size:
        more = encode_cursor(Cursor("after", _SCOPE, (rows[-1]["failed_at"], rows[-1]["_id"])))
    about = _issues_of(rows)
    return FailedPage([_failed(row, about.get(row["_id"])) for row in rows], more)


def number_of_mail(mail_id: str) -> int | None:
    """Of the issue that an e-mail of ours is about now; None for one that is not ours."""
    row = outbox().find_one({"mail_id": {"$eq": mail_id}}, {"_id": 1, "kind": 1, "issue_id": 1})
    found = _issues_of([row]) if row else {}
    return int(found[row["_id"]]["number"]) if row and found else None


def _count(state: str) -> int:
    return outbox().count_documents({"state": state}, limit=MOST_COUNTED + 1)


def _issues_of(mails: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By message or notice, its issue; two round trips."""
    found = messages().find({"_id": {"$in": [row["_id"] for row in mails]}}, {"issue_id": 1})
    issue_of = {row["_id"]: row["issue_id"] for row in mails if "kind" in row}
    issue_of |= {row["_id"]: row["issue_id"] for row in found}
    wanted = {"_id": {"$in": sorted(set(issue_of.values()))}}
    rows = {row["_id"]: row for row in issues().find(wanted, {"number": 1, "subject": 1})}
    return {each: rows[issue_id] for each, issue_id in issue_of.items() if issue_id in rows}


def _failed(row: dict[str, Any], issue: dict[str, Any] | None) -> FailedMail:
    return FailedMail(
        message_id=row["_id"],
        number=issue["number"] if issue else None,
        subject=issue["subject"] if issue else "",
        error=row["error"],
        attempts=row["attempts"],
        failed_at=row["failed_at"],
    )
