"""What a customer pays for, and what is wrong with paying for it, said so that one can act."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import Decimal128

from devora_admin.core import clock
from devora_admin.core.raw_bson import is_text
from devora_admin.users.readable import details
from devora_admin.users.timeline import Detail

_DATES = ("current_period_start", "current_period_end", "trial_end", "canceled_at")
_KNOWN = frozenset({"plan", "status", "price", "currency", "cancel_at_period_end", *_DATES})
_FREE = frozenset({"", "free", "none", "hobby"})

# Status → tone, what it is called, what it means for the customer.
_MEANINGS = {
    "active": ("success", "Paid", ""),
    "trialing": ("info", "Trial", "Nothing has been charged yet."),
    "past_due": (
        "danger", "Payment failed",
        "The last charge did not go through and is tried again. The plan still works meanwhile: "
        "ask them to check the card.",
    ),
    "unpaid": (
        "danger", "Unpaid",
        "Every attempt to charge has failed. Nothing is tried again until a new way to pay is "
        "given.",
    ),
    "incomplete": (
        "warning", "First payment open",
        "The first charge waits for the customer, usually for the bank's confirmation.",
    ),
    "incomplete_expired": (
        "danger", "First payment failed", "The first charge was never confirmed. The plan did not "
        "begin.",
    ),
    "paused": ("warning", "Paused", "Nothing is charged until it is resumed."),
    "canceled": ("warning", "Cancelled", "It was ended, and nothing more is charged."),
    "cancelled": ("warning", "Cancelled", "It was ended, and nothing more is charged."),
    "expired": ("warning", "Expired", "It ran out and was not renewed."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscription:
    plan: str
    status: str
    """As stored; an open set."""
    tone: str
    label: str
    meaning: str
    """"" when there is nothing to explain."""
    price: str
    period_starts_at: datetime | None
    period_ends_at: datetime | None
    trial_ends_at: datetime | None
    is_overdue: bool
    """Whether the period is over although the plan is said to run."""
    is_ending: bool
    """Whether it will not be renewed."""
    others: tuple[Detail, ...]
    faults: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        return self.period_ends_at is not None and self.period_ends_at < clock.now()

    @property
    def is_trouble(self) -> bool:
        return self.tone in ("danger", "warning") and bool(self.meaning)


def tone_of(status: str) -> str:
    return _MEANINGS.get(status.lower(), ("neutral", status, ""))[0]


def subscription_of(stored: dict[str, Any]) -> Subscription:
    plan, status = _text(stored, "plan"), _text(stored, "status")
    dates = {key: _date(stored, key) for key in _DATES}
    period_end = dates["current_period_end"]
    tone, label, meaning = _MEANINGS.get(status.lower(), ("neutral", status, ""))
    is_overdue = bool(
        period_end
        and period_end < clock.now()
        and status.lower() in ("active", "trialing")
        and plan.lower() not in _FREE
    )
    if is_overdue:
        tone, meaning = "warning", "The period is over, and no renewal has arrived."
    pairs = ({"k": key, "v": value} for key, value in stored.items() if key not in _KNOWN)
    return Subscription(
        plan=plan,
        status=status,
        tone=tone,
        label="Free" if status == "active" and plan.lower() in _FREE else label,
        meaning=meaning,
        price=_price(stored),
        period_starts_at=dates["current_period_start"],
        period_ends_at=period_end,
        trial_ends_at=dates["trial_end"],
        is_overdue=is_overdue,
        is_ending=stored.get("cancel_at_period_end") is True,
        others=details(pairs),
        faults=tuple(_faults(stored)),
    )


def _text(stored: dict[str, Any], key: str) -> str:
    value = stored.get(key)
    return str(value)[:100] if is_text(value) else ""


def _date(stored: dict[str, Any], key: str) -> datetime | None:
    value = stored.get(key)
    return value if isinstance(value, datetime) else None


def _price(stored: dict[str, Any]) -> str:
    value = stored.get("price")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal128 | str):
        return ""
    return f"{value} {_text(stored, 'currency').upper()}".strip()[:40]


def _faults(stored: dict[str, Any]) -> Iterator[str]:
    for key in ("plan", "status"):
        if stored.get(key) is not None and not is_text(stored[key]):
            yield f"subscription.{key} is not text"
    for key in _DATES:
        if stored.get(key) is not None and not isinstance(stored[key], datetime):
            yield f"subscription.{key} is not a date"
