"""Customers by id or address, for lists and boxes."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Regex
from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.core.listing.beginnings import beginning
from devora_admin.core.listing.indexes import ANY_CASE, name_of
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


def owner_of(row: Mapping[str, Any]) -> Owner:
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
    found = {owner.id: owner for owner in map(owner_of, rows)}
    return {
        user_id: found.get(user_id) or Owner(user_id, "", "", known=False) for user_id in wanted
    }


def owners_stage(ids: Iterable[object]) -> dict[str, Any]:
    """A stage that adds their rows to those of another collection; `owner_of` reads them."""
    wanted = sorted({user_id for user_id in ids if raw_bson.is_text(user_id)})
    pipeline = [{"$match": {"id": {"$in": wanted}}}, {"$project": _FIELDS}]
    return {"$unionWith": {"coll": Customer._get_collection_name(), "pipeline": pipeline}}


def owner_with_email(email: str) -> Owner | None:
    row = Customer._get_collection().find_one({"email": email}, _FIELDS)
    return owner_of(row) if row else None


def find_owner(given: str) -> Owner | None:
    """The customer with this id or e-mail address."""
    owner = owners([given]).get(given)
    if owner and owner.known:
        return owner
    return owner_with_email(given) or owner_with_email(given.lower())


def standing(user_id: str, *, session: ClientSession | None = None) -> str | None:
    """A customer's status, "active" when the platform left it out; None without such customer."""
    found = Customer._get_collection().find_one({"id": user_id}, {"status": 1}, session=session)
    return str(found.get("status") or "active") if found else None


def with_owner(
    user_id: str, stages: list[dict[str, Any]], *, session: ClientSession
) -> dict[str, Any] | None:
    """The customer's `merged_into` and what `stages` add to it, in one round trip. None without
    such customer."""
    own = [{"$match": {"id": user_id}}, {"$limit": 1}, {"$project": {"_id": 0, "merged_into": 1}}]
    found = Customer._get_collection().aggregate([*own, *stages], session=session)
    return next(iter(found), None)


def merged_into(row: Mapping[str, Any]) -> str:
    """The id of the account that this one was merged into, or ""."""
    into = row.get("merged_into")
    return into if raw_bson.is_text(into) else ""


def suggest_owners(text: str, *, limit: int = 10) -> list[Owner]:
    """Customers for an autocomplete box: by id, then by the beginning of their e-mail address, then
    of their name in any case."""
    text = text.strip()
    if not text or "\0" in text:  # no regular expression may hold a NUL
        return []
    # Python's own pattern would be sent as one of Unicode, for which every address is read.
    prefix = Regex("^" + re.escape(text.lower()))
    condition = {"$or": [{"id": text}, {"email": prefix}]}
    rows = [
        *Customer._get_collection().find(condition, _FIELDS).limit(limit),
        *beginning(Customer._get_collection(), "name", text, _FIELDS).limit(limit),
    ]
    found = {owner.id: owner for owner in map(owner_of, rows)}
    return list(found.values())[:limit]


def owners_called(name: str, *, limit: int) -> list[Owner]:
    """Customers with exactly this name, in any case."""
    found = Customer._get_collection().find({"name": name}, _FIELDS).collation(ANY_CASE)
    return [owner_of(row) for row in found.hint(name_of("name")).limit(limit)]


def lasting_ids(ids: Collection[str]) -> dict[str, str]:
    """Of those accounts that were merged, the id of the one that stayed. A round trip, and one
    more for each step of a chain of merges."""
    into: dict[str, str] = {}
    asked, wanted = set(ids), set(ids)
    while wanted:
        condition = {"id": {"$in": sorted(wanted)}, "merged_into": {"$exists": True}}
        rows = Customer._get_collection().find(condition, {"_id": 0, "id": 1, "merged_into": 1})
        found = {row["id"]: to for row in rows if (to := merged_into(row))}
        into |= found
        wanted = set(found.values()) - asked
        asked |= wanted
    return {each: _end_of(each, into) for each in ids if each in into}


def _end_of(user_id: str, into: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while user_id in into and user_id not in seen:
        seen.add(user_id)
        user_id = into[user_id]
    return user_id


def lasting_id(user_id: str, *, session: ClientSession | None = None) -> str:
    """The id of the account that this one was merged into, or its own."""
    seen: set[str] = set()
    while user_id not in seen:
        seen.add(user_id)
        found = Customer._get_collection().find_one(
            {"id": user_id}, {"merged_into": 1}, session=session
        )
        user_id = merged_into(found or {}) or user_id
    return user_id
