"""What one person was told of promises, and has not seen yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.support.documents import issues
from devora_admin.support.sla.documents import notices

SHOWN = 20
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Notice:
    number: int
    subject: str
    status: str
    promise: str
    kind: str
    """warned or breached."""
    due_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Unseen:
    rows: list[Notice]
    count: int
    """At most MOST_COUNTED + 1, which means more."""
    until: str
    """The moment of the latest one: what marking them as seen goes up to."""


def unseen(staff_id: str) -> Unseen:
    """The latest first; three round trips. What was told of an issue that is gone is left out."""
    mine = {"who": {"$eq": staff_id}, "seen_at": None}
    rows = list(notices().find(mine).sort("at", -1).limit(SHOWN))
    if not rows:
        return Unseen([], 0, "")
    wanted = {"number": {"$in": sorted({row["number"] for row in rows})}}
    found = {
        row["number"]: row
        for row in issues().find(wanted, {"subject": 1, "number": 1, "status": 1})
    }
    shown = [_notice(row, found[row["number"]]) for row in rows if row["number"] in found]
    count = notices().count_documents(mine, limit=MOST_COUNTED + 1)
    return Unseen(shown, count if shown else 0, rows[0]["at"].isoformat())


def mark_seen(staff_id: str, *, until: str, number: int | None = None) -> int:
    """What this person was told up to a moment, of one issue or of all; harmless twice.

    What came after they looked stays. Raises InvalidInput for what is no moment.
    """
    try:
        moment = datetime.fromisoformat(until[:40])
    except ValueError as error:
        raise InvalidInput("Reload the page, and mark them again.", field="until") from error
    if moment.tzinfo is None:
        raise InvalidInput("Reload the page, and mark them again.", field="until")
    which: dict[str, Any] = {"who": {"$eq": staff_id}, "seen_at": None, "at": {"$lte": moment}}
    if number is not None:
        which["number"] = {"$eq": number}
    return notices().update_many(which, {"$set": {"seen_at": clock.now()}}).modified_count


def _notice(row: dict[str, Any], issue: dict[str, Any]) -> Notice:
    return Notice(
        number=row["number"],
        subject=issue["subject"],
        status=issue["status"],
        promise=row["promise"],
        kind=row["kind"],
        due_at=row["due_at"],
        at=row["at"],
    )
