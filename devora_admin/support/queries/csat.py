"""What customers answered when they were asked whether they are satisfied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.support.mail.csat import RATINGS
from devora_admin.support.mail.documents import csat

_OF_ISSUE = 5
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


def of_issue(issue_id: str) -> list[Satisfaction]:
    """The latest first."""
    found = csat().find({"issue_id": issue_id}, _SHOWN).sort("asked_at", -1).limit(_OF_ISSUE)
    return _rows(found)


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
