"""What an issue can be, and in which order issues wait."""

from datetime import datetime

STATUSES = {
    "open": "Open",
    "pending": "Waiting for the customer",
    "on_hold": "On hold",
    "resolved": "Resolved",
    "closed": "Closed",
}
PRIORITIES = {"low": "Low", "normal": "Normal", "high": "High", "urgent": "Urgent"}
"""The least urgent first."""

OVER = frozenset({"resolved", "closed"})
REOPENED_BY_THE_CUSTOMER = frozenset({"pending", "resolved"})

_RANKS = {name: rank for rank, name in enumerate(PRIORITIES)}
_ONE_RANK = 10**14
"""More milliseconds than there are from 1970 to the year 5000."""


def urgency(priority: str, at: datetime) -> int:
    """Priority and time as one number, so that both are one field of an index."""
    return _RANKS[priority] * _ONE_RANK + int(at.timestamp() * 1000)


def urgencies_of(priority: str) -> tuple[int, int]:
    """From and to before: all urgencies of one priority."""
    return _RANKS[priority] * _ONE_RANK, (_RANKS[priority] + 1) * _ONE_RANK
