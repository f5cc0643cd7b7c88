"""Reads of customers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.users.documents import Customer


@dataclass(frozen=True, slots=True)
class Owner:
    """A customer as a list shows them. Absent ones keep their id, so a link still works."""

    id: str
    name: str
    email: str
    known: bool = True

    @property
    def label(self) -> str:
        return self.name or self.email or self.id

    @property
    def note(self) -> str:
        """What stands below the label."""
        if not self.known:
            return "not found among customers"
        return self.email if self.name else ""


def _owner(row: dict[str, Any]) -> Owner:
    name, email = row.get("name"), row.get("email")
    return Owner(
        id=str(row.get("id", "")),
        name=name if isinstance(name, str) else "",
        email=email if isinstance(email, str) else "",
    )


_FIELDS = {"_id": 0, "id": 1, "name": 1, "email": 1}


def owners(ids: Iterable[object]) -> dict[str, Owner]:
    """Owners by id, in one round trip; those the store does not hold are marked unknown."""
    wanted = {user_id for user_id in ids if raw_bson.is_text(user_id)}
    if not wanted:
        return {}
    rows = Customer._get_collection().find({"id": {"$in": sorted(wanted)}}, _FIELDS)
    found = {owner.id: owner for owner in map(_owner, rows)}
    return {
        user_id: found.get(user_id) or Owner(user_id, "", "", known=False) for user_id in wanted
    }


def owner_with_email(email: str) -> Owner | None:
    row = Customer._get_collection().find_one({"email": email}, _FIELDS)
    return _owner(row) if row else None


def find_owner(given: str) -> Owner | None:
    """The customer with this id or e-mail address."""
    owner = owners([given]).get(given)
    if owner and owner.known:
        return owner
    return owner_with_email(given) or owner_with_email(given.lower())


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    id: str
    name: str
    email: str
    status: str
    plan: str
    plan_status: str
    period_ends_at: datetime | None
    joined_at: datetime | None
    last_seen_at: datetime | None
    faults: tuple[str, ...]
    """What is wrong with the document, in words."""

    @property
    def label(self) -> str:
        return self.name or self.email or self.id


_PROFILE = {**_FIELDS, "status": 1, "created_at": 1, "last_seen_at": 1}
_PROFILE |= {f"subscription.{key}": 1 for key in ("plan", "status", "current_period_end")}


def customer_profile(user_id: str) -> CustomerProfile:
    """Raises NotFound. The password's hash is never read."""
    collection = Customer._get_collection().with_options(codec_options=raw_bson.LENIENT)
    found = collection.find_one({"id": user_id}, _PROFILE)
    if found is None:
        raise NotFound("customer", user_id)
    subscription = found.get("subscription")
    plan = subscription if isinstance(subscription, dict) else {}
    return CustomerProfile(
        id=user_id,
        name=_text(found, "name"),
        email=_text(found, "email"),
        status=_text(found, "status") or "active",
        plan=_text(plan, "plan"),
        plan_status=_text(plan, "status"),
        period_ends_at=_date(plan, "current_period_end"),
        joined_at=_date(found, "created_at"),
        last_seen_at=_date(found, "last_seen_at"),
        faults=tuple(_profile_faults(found)),
    )


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    return value[:300] if isinstance(value, str) else ""


def _date(found: dict[str, Any], key: str) -> datetime | None:
    value = found.get(key)
    return value if isinstance(value, datetime) else None


def _profile_faults(found: dict[str, Any]) -> Iterator[str]:
    for key in ("name", "email", "status"):
        if found.get(key) is not None and not isinstance(found[key], str):
            yield f"{key} is not text"
    for key in ("created_at", "last_seen_at"):
        if found.get(key) is not None and not isinstance(found[key], datetime):
            yield f"{key} is not a date"
    if found.get("subscription") is not None and not isinstance(found["subscription"], dict):
        yield "subscription is not an object"


def standing(user_id: str, *, session: ClientSession | None = None) -> str | None:
    """A customer's status, "active" when the platform left it out; None without such customer."""
    found = Customer._get_collection().find_one({"id": user_id}, {"status": 1}, session=session)
    return str(found.get("status") or "active") if found else None


def suggest_owners(text: str, *, limit: int = 10) -> list[Owner]:
    """Customers for an autocomplete box: an exact id first, then e-mail addresses by prefix."""
    text = text.strip()
    if not text or "\0" in text:  # no regular expression may hold a NUL
        return []
    prefix = re.compile("^" + re.escape(text.lower()))
    condition = {"$or": [{"id": text}, {"email": prefix}]}
    return [_owner(row) for row in Customer._get_collection().find(condition, _FIELDS).limit(limit)]
