"""How far a reply has come on its way to the customer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from devora_admin.support.mail.documents import outbox

_SHOWN = {"mail_id": 0, "claim": 0, "waiting_since": 0, "error_at": 0}

State = Literal["waiting", "sent", "failed", "none"]


@dataclass(frozen=True, slots=True)
class Delivery:
    state: State
    """none: it was never meant to be sent, as a note or the customer's own words."""
    at: datetime | None = None
    """When it was sent, given up or enqueued."""
    error: str = ""
    """Of the last try that failed, while it was not sent."""
    attempts: int = 0
    address: str = ""
    """Where it was sent to."""
    due_at: datetime | None = None
    """When it is tried again."""


def deliveries(message_ids: Collection[str]) -> dict[str, Delivery]:
    """By message, each that was asked for; one round trip."""
    wanted = list(message_ids)
    found = outbox().find({"_id": {"$in": wanted}}, _SHOWN) if wanted else ()
    known = {row["_id"]: _delivery(row) for row in found}
    return {each: known.get(each, _NONE) for each in wanted}


_NONE = Delivery("none")


def _delivery(row: dict[str, Any]) -> Delivery:
    at = {"sent": row.get("sent_at"), "failed": row.get("failed_at")}
    return Delivery(
        state=row["state"],
        at=at.get(row["state"]) or row["queued_at"],
        error=row.get("error", ""),
        attempts=row["attempts"],
        address=row.get("address", ""),
        due_at=row.get("due_at"),
    )
