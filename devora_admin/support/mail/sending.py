"""Sends what waits, one e-mail after the other: a loop of the worker.

Each is sent at least once. Who dies, or loses the database, after the server took an e-mail and
before that is noted leaves it to be sent again when its lease runs out: with the same Message-ID,
by which mail programs tell that it is the same.
"""

import contextlib
import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.support.mail import csat, outbox
from devora_admin.support.mail.addressing import Undeliverable
from devora_admin.support.mail.composing import Outdated, letter_of
from devora_admin.support.mail.faults import fault_of
from devora_admin.support.mail.outbox import MOST_TRIES, Row

log = logging.getLogger(__name__)

_IDLE_S = 1.0
_OFF_S = 5.0


def step() -> float:
    """Sends one; returns how many seconds to wait before the next."""
    if not settings.MAIL_IS_ON:
        outbox.give_up_old()
        return _OFF_S
    row = outbox.claim()
    if row is None:
        return _IDLE_S
    if not _send(row):
        log.info("an e-mail was taken over by another worker")
    return 0.0


def _send(row: Row) -> bool:
    if row["attempts"] > MOST_TRIES:  # whoever sent it died each time
        return outbox.mark_failed(row, "It could not be sent: the worker stopped at every try.")
    try:
        letter = letter_of(row)
        hand_over(letter.mail)
    except Outdated as error:
        return _withdraw(row) if _is_first_try(row) else outbox.mark_failed(row, str(error))
    except Undeliverable as error:
        return _undeliverable(row, str(error))
    except (smtplib.SMTPException, OSError) as error:
        fault = fault_of(error)
        end = outbox.mark_failed if fault.is_permanent else outbox.put_off
        return end(row, fault.words)
    except Exception as error:
        if mongo.is_unavailable(error):
            raise  # the lease runs out, and it is sent then
        log.exception("an e-mail could not be made")
        return outbox.put_off(row, f"It could not be made: {type(error).__name__}.")
    return outbox.mark_sent(row, letter.address)


def _is_first_try(row: Row) -> bool:
    """Of all: whoever tried before may have sent it, and died or never heard that it arrived."""
    return row["attempts"] == 1 and "error_at" not in row


def _withdraw(row: Row) -> bool:
    """A notice, and with it what it would have asked."""

    def work(session: ClientSession) -> bool:
        if not outbox.withdraw(row, session=session):
            return False
        csat.withdraw(row["_id"], session=session)
        return True

    is_gone = mongo.run_in_transaction(work)
    outbox.let_go(row)
    return is_gone


def _undeliverable(row: Row, error: str) -> bool:
    is_marked = outbox.mark_failed(row, error)
    if is_marked and row.get("kind") == "resolved" and _is_first_try(row):
        csat.withdraw(row["_id"])
    return is_marked


def hand_over(mail: EmailMessage) -> None:
    """Each on a connection of its own: what goes wrong on it concerns no other."""
    connection = get_connection()
    try:
        connection.open()
        connection.send_messages([mail])
    finally:
        # The server has it, or not: how it takes our leave changes neither.
        with contextlib.suppress(Exception):
            connection.close()
