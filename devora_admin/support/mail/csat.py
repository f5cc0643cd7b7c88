"""Whether the customer is satisfied: asked with the reply that resolves an issue, or else with the
notice that it was resolved; answered on a page that the link in it opens.

The token is made from the id of that e-mail and SECRET_KEY, and so need not be kept until it is
sent; what is stored is its digest. Each resolution asks anew, with a token of its own.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, DomainError, InvalidInput, NotFound
from devora_admin.staff import audit
from devora_admin.staff.throttle import TooManyAttempts, require_attempts
from devora_admin.support.documents import issues
from devora_admin.support.mail.documents import csat
from devora_admin.support.services import changing
from devora_admin.users.services.texts import checked

RATINGS = {"good": "Satisfied", "bad": "Not satisfied"}
VALID = timedelta(days=30)
MAX_COMMENT = 2_000
_PER_LINK, _PER_ADDRESS = 10, 50
_LONGEST_TOKEN = 100
_CUSTOMER = audit.Actor(id="customer", email="The customer", name="", role="customer")


class LinkGone(DomainError):
    status = 410
    code = "gone"
    title = "This link does not work any more"

    def __init__(self) -> None:
        super().__init__("It is older than 30 days, or was not copied whole.")


class TooManyAnswers(DomainError):
    status = 429
    code = "too_many_requests"
    title = "Too many answers"

    def __init__(self) -> None:
        super().__init__("The last answer was kept. Wait a quarter of an hour to change it again.")


@dataclass(frozen=True, slots=True)
class Choice:
    rating: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that can be answered still."""

    subject: str
    rating: str
    comment: str
    expires_at: datetime


def ask(
    row: dict[str, Any], message_id: str, *, actor: audit.Actor, session: ClientSession
) -> None:
    """Within the transaction that resolves the issue. Nothing where no link could be made."""
    if not settings.PUBLIC_URL:
        return
    now = clock.now()
    csat().insert_one(
        {
            "_id": message_id,
            "issue_id": row["_id"],
            "number": row["number"],
            "token_sha256": _digest(token_of(message_id)),
            "assignee_id": row["assignee_id"],
            "tags": row["tags"],
            "project_type": row.get("project_type", ""),
            "resolved_by": actor.id,
            "asked_at": now,
            "expires_at": now + VALID,
        },
        session=session,
    )


def withdraw(message_id: str, *, session: ClientSession | None = None) -> None:
    """What was never sent was never asked."""
    csat().delete_one({"_id": message_id, "rating": {"$exists": False}}, session=session)


def choices_of(message_id: str) -> list[Choice]:
    """What the e-mail with this reply ends with; none where it does not ask."""
    if not settings.PUBLIC_URL or csat().find_one({"_id": message_id}, {"_id": 1}) is None:
        return []
    url = settings.PUBLIC_URL + reverse("csat", args=[token_of(message_id)])
    return [Choice(name, label, f"{url}?answer={name}") for name, label in RATINGS.items()]


def token_of(message_id: str) -> str:
    digest = salted_hmac("devora.csat", message_id, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def asked(token: str) -> Asked:
    """Raises LinkGone."""
    row = csat().find_one(_live(token))
    issue = row and issues().find_one({"_id": row["issue_id"]}, {"subject": 1})
    if row is None or not issue:
        raise LinkGone
    return Asked(issue["subject"], row.get("rating", ""), row.get("comment", ""), row["expires_at"])


def answer(token: str, rating: str, *, comment: str, address: str) -> None:
    """May be given anew until the link expires. address: of who asks.

    Raises LinkGone, InvalidInput (field rating or comment), or TooManyAnswers.
    """
    if rating not in RATINGS:
        raise InvalidInput("Choose one of the two.", field="rating")
    text = comment.replace("\r\n", "\n")
    text = checked(text, field="comment", label="The comment", limit=MAX_COMMENT)
    try:
        require_attempts((f"csat:{address}", _PER_ADDRESS), (f"csat:{_digest(token)}", _PER_LINK))
    except TooManyAttempts as error:
        raise TooManyAnswers from error
    mongo.run_in_transaction(lambda session: _store(token, rating, text, session))


def _store(token: str, rating: str, comment: str, session: ClientSession) -> None:
    put = {"rating": rating, "comment": comment, "rated_at": clock.now()}
    was = csat().find_one_and_update(_live(token), {"$set": put}, session=session)
    if was is None:
        raise LinkGone
    try:
        row = changing.read(was["number"], session=session)
    except (NotFound, Conflict) as error:  # the customer is being erased
        raise LinkGone from error
    changing.record(
        "rate", row, actor=_CUSTOMER, session=session,
        before={"rating": was["rating"]} if "rating" in was else {}, after={"rating": rating},
    )  # fmt: skip


def _live(token: str) -> dict[str, Any]:
    return {"token_sha256": _digest(token[:_LONGEST_TOKEN]), "expires_at": {"$gt": clock.now()}}


def _digest(token: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
