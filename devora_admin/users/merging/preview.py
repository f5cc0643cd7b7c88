"""What a merge would do, before anybody does it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.users import ownership
from devora_admin.users.merging import accounts, records
from devora_admin.users.merging.accounts import Account
from devora_admin.users.services.standing import SUSPENDED


@dataclass(frozen=True, slots=True)
class Side:
    id: str
    label: str
    name: str
    email: str
    status: str
    subscription: str
    """In words; "" without one."""


@dataclass(frozen=True, slots=True)
class Moving:
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    kept: Side
    absorbed: Side
    moving: tuple[Moving, ...]
    joined: tuple[ownership.Preview, ...]
    mark: str
    """Of both accounts and what clashes, as shown: a merge is refused when it is another."""

    @property
    def clashes(self) -> int:
        return sum(len(part.clashes) for part in self.joined)


def preview(kept_id: str, absorbed_id: str) -> MergePreview:
    """Raises NotFound, InvalidInput or Conflict when these two cannot be merged."""
    kept, absorbed = accounts.read(kept_id), accounts.read(absorbed_id)
    check(kept, absorbed)
    for account in (kept, absorbed):
        if records.is_busy(account.id):
            raise Conflict(f"A merge of {account.label} is under way.")
    joined = tuple(each.preview(kept_id, absorbed_id) for each in ownership.every_joined())
    return MergePreview(
        kept=_side(kept),
        absorbed=_side(absorbed),
        moving=tuple(Moving(each.label, count(each, absorbed_id)) for each in ownership.every()),
        joined=joined,
        mark=mark_of(kept, absorbed, joined),
    )


def check(kept: Account, absorbed: Account) -> None:
    """Raises InvalidInput (field other) or Conflict with why these two cannot be merged."""
    if kept.id == absorbed.id:
        raise InvalidInput("Choose another account: this is the same one.", field="other")
    for account in (kept, absorbed):
        if "erasure" in account.parts:
            raise Conflict(f"{account.label} is being erased.")
        if "merged_into" in account.parts:
            raise Conflict(f"{account.label} was merged into another account before.")
    if kept.values.get("status") == SUSPENDED:
        raise Conflict(f"{kept.label} is suspended. Reactivate that account, or keep the other.")


def mark_of(kept: Account, absorbed: Account, joined: tuple[ownership.Preview, ...]) -> str:
    seen = hashlib.sha256()
    for account in (kept, absorbed):
        names = sorted({*accounts.OF_KEPT, "status"} & account.parts.keys())
        seen.update(repr((account.id, [account.parts[name].value for name in names])).encode())
    seen.update(repr([each.name for part in joined for each in part.clashes]).encode())
    return seen.hexdigest()[:32]


def theirs(owned: ownership.Owned, user_id: str) -> dict[str, Any]:
    """A condition: a list that holds the id is nobody's, and would be retyped by a move."""
    return {owned.field: {"$eq": user_id, "$not": {"$type": "array"}}}


def count(owned: ownership.Owned, user_id: str) -> int:
    return mongo.database()[owned.collection].count_documents(theirs(owned, user_id))


def left_behind(user_id: str) -> int:
    """How many documents name the customer still, or again."""
    return sum(count(owned, user_id) for owned in ownership.every())


def _side(account: Account) -> Side:
    values = account.values
    return Side(
        id=account.id,
        label=account.label,
        name=_text(values.get("name")),
        email=_text(values.get("email")),
        status=_text(values.get("status")) or "active",
        subscription=_in_words(values.get("subscription")),
    )


def _in_words(subscription: Any) -> str:
    if subscription is None:
        return ""
    if not isinstance(subscription, dict):
        return "malformed"
    end = subscription.get("current_period_end")
    parts = [_text(subscription.get("plan")) or "no plan", _text(subscription.get("status"))]
    if isinstance(end, datetime):
        parts.append(f"until {end:%-d %B %Y}")
    return ", ".join(part for part in parts if part)


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""
