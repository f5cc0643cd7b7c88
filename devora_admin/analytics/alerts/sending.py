"""Sends e-mails to staff, one after the other: a loop of the worker, beside support's own.

Each is put into the outbox once and sent at least once: who dies after the server took it leaves it
to be sent again, with the same Message-ID, when its lease runs out.
"""

import logging
import smtplib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from pymongo import ReturnDocument

from devora_admin.analytics.alerts.documents import outbox
from devora_admin.analytics.alerts.letters import absolute
from devora_admin.core import clock, mongo
from devora_admin.core.errors import NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import accounts
from devora_admin.staff.permissions import ROLES
from devora_admin.support.mail.faults import fault_of
from devora_admin.support.mail.outbox import GIVEN_UP_AFTER, LEASE, MOST_TRIES, pause_s
from devora_admin.support.mail.sending import hand_over

log = logging.getLogger(__name__)

Row = dict[str, Any]
_IDLE_S, _OFF_S = 2.0, 10.0


class Unwanted(Exception):
    """Who it is for has no use for it any more."""


def step() -> float:
    """Sends one; returns how many seconds to wait before the next."""
    if not settings.MAIL_IS_ON:
        _give_up_old()
        return _OFF_S
    row = _claim()
    if row is None:
        return _IDLE_S
    _send(row)
    return 0.0


def _claim() -> Row | None:
    now = clock.now()
    return outbox().find_one_and_update(
        {"state": "waiting", "due_at": {"$lte": now}},
        {"$set": {"due_at": now + LEASE, "claim": new_id()}, "$inc": {"attempts": 1}},
        sort=[("due_at", 1)], return_document=ReturnDocument.AFTER,
    )  # fmt: skip


def _send(row: Row) -> None:
    try:
        hand_over(mail_of(row))
    except Unwanted as error:
        _end(row, "failed", str(error))
    except (smtplib.SMTPException, OSError) as error:
        fault = fault_of(error)
        if fault.is_permanent or row["attempts"] >= MOST_TRIES:
            _end(row, "failed", fault.words)
        else:
            _put_off(row, fault.words)
    except Exception as error:
        if mongo.is_unavailable(error):
            raise
        log.exception("an e-mail to staff could not be made")
        _end(row, "failed", f"It could not be made: {type(error).__name__}.")
    else:
        _end(row, "sent", "")


def mail_of(row: Row) -> EmailMultiAlternatives:
    """Raises Unwanted."""
    where = [(label, url) for label, path in row["links"] if (url := absolute(path))]
    parts = {"lines": row["lines"], "links": where, "tables": row.get("tables", [])}
    headers = {"Message-ID": row["mail_id"], "Auto-Submitted": "auto-generated"}
    if stop := absolute(row.get("stop") or ""):
        headers["List-Unsubscribe"] = f"<{stop}>"
        parts["stop"] = stop
    mail = EmailMultiAlternatives(
        subject=row["subject"], from_email=settings.SUPPORT_EMAIL, to=[_address(row["to"])],
        body=render_to_string("analytics/alerts/mail.txt", parts), headers=headers,
    )  # fmt: skip
    mail.attach_alternative(render_to_string("analytics/alerts/mail.html", parts), "text/html")
    return mail


def _address(staff_id: str) -> str:
    try:
        found = accounts.read(staff_id)
    except NotFound as error:
        raise Unwanted("There is no such account any more.") from error
    if not found["is_active"] or "analytics.view" not in ROLES.get(found["role"], ()):
        raise Unwanted("The account does not see analytics any more.")
    return str(found["email"])


def _end(row: Row, state: str, error: str) -> None:
    put = {"state": state, "error": error, "ended_at": clock.now()}
    _mark(row, {"$set": put, "$unset": {"due_at": "", "claim": ""}})


def _put_off(row: Row, error: str) -> None:
    due_at = clock.now() + timedelta(seconds=pause_s(row["attempts"]))
    _mark(row, {"$set": {"due_at": due_at, "error": error}, "$unset": {"claim": ""}})


def _mark(row: Row, change: Row) -> None:
    still = {"_id": row["_id"], "state": "waiting", "claim": row["claim"]}
    if not outbox().update_one(still, change).matched_count:
        log.info("an e-mail to staff was taken over by another worker")


def _give_up_old() -> None:
    old = {"state": "waiting", "queued_at": {"$lt": clock.now() - GIVEN_UP_AFTER}}
    put = {"state": "failed", "error": "It waited for two days.", "ended_at": clock.now()}
    outbox().update_many(old, {"$set": put, "$unset": {"due_at": "", "claim": ""}})
