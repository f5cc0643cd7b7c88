"""What customers answered when they were asked whether they are satisfied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core.listing.patience import patience
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor
from devora_admin.support.mail.csat import RATINGS
from devora_admin.support.mail.documents import csat

PAGE_SIZE = 50
_OF_ISSUE = 5
_TOO_SLOW = "This takes too long. Choose a shorter time."
_SCOPE = "csat"
_SHOWN = {"token_sha256": 0, "issue_id": 0, "expires_at": 0}


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """One resolution that the customer was asked about."""

    number: int
    """Of the issue."""
    asked_at: datetime
    rating: str
    """good, bad, or "" for no answer yet."""
    comment: str
    rated_at: datetime | None
    assignee_id: str
    """Who had the issue when it was resolved; "" for nobody."""
    resolved_by: str

    @property
    def label(self) -> str:
        return RATINGS.get(self.rating, "No answer yet")


@dataclass(frozen=True, slots=True)
class RatedPage:
    rows: list[Satisfaction]
    next: str
    """A cursor, or "" at the end."""


@dataclass(frozen=True, slots=True)
class Totals:
    asked: int
    good: int
    bad: int

    @property
    def percent_good(self) -> int | None:
        """Of those who answered; None without answers."""
        answered = self.good + self.bad
        return round(100 * self.good / answered) if answered else None


def of_issue(issue_id: str) -> list[Satisfaction]:
    """The latest first."""
    found = csat().find({"issue_id": issue_id}, _SHOWN).sort("asked_at", -1).limit(_OF_ISSUE)
    return _rows(found)


def rated_page(
    since: datetime,
    until: datetime,
    *,
    rating: str = "",
    assignee_id: str | None = None,
    cursor: str = "",
    size: int = PAGE_SIZE,
) -> RatedPage:
    """Answers given from `since` to before `until`, the latest first.

    rating: "" for any. assignee_id: "" is nobody, None anybody. Raises InvalidInput.
    """
    condition: dict[str, Any] = {"rated_at": {"$gte": since, "$lt": until}}
    condition["rating"] = {"$eq": rating} if rating else {"$exists": True}
    if assignee_id is not None:
        condition["assignee_id"] = {"$eq": assignee_id}
    if cursor:
        at, row_id = decode_cursor(cursor, scope=_SCOPE).key
        further = [{"rated_at": {"$lt": at}}, {"rated_at": at, "_id": {"$lt": row_id}}]
        condition = {"$and": [condition, {"rated_at": {"$lte": at}, "$or": further}]}
    with patience(_TOO_SLOW):
        order = [("rated_at", -1), ("_id", -1)]
        found = list(csat().find(condition, _SHOWN).sort(order).limit(size + 1))
    rows, more = found[:size], ""
    if len(found) > size:
        more = encode_cursor(Cursor("after", _SCOPE, (rows[-1]["rated_at"], rows[-1]["_id"])))
    return RatedPage(_rows(rows), more)


def totals(since: datetime, until: datetime) -> Totals:
    """Of what was asked from `since` to before `until`, whenever it was answered."""
    stages: list[dict[str, Any]] = [
        {"$match": {"asked_at": {"$gte": since, "$lt": until}}},
        {"$group": {"_id": "$rating", "count": {"$sum": 1}}},
    ]
    with patience(_TOO_SLOW):
        counts = {row["_id"]: row["count"] for row in csat().aggregate(stages)}
    return Totals(sum(counts.values()), counts.get("good", 0), counts.get("bad", 0))


def _rows(found: Iterable[dict[str, Any]]) -> list[Satisfaction]:
    return [
        Satisfaction(
            number=row["number"],
            asked_at=row["asked_at"],
            rating=row.get("rating", ""),
            comment=row.get("comment", ""),
            rated_at=row.get("rated_at"),
            assignee_id=row["assignee_id"],
            resolved_by=row["resolved_by"],
        )
        for row in found
    ]
