"""Reads of staff accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from devora_admin.core import clock, mongo
from devora_admin.staff import accounts, links, sessions
from devora_admin.staff.documents import FACTORS, SESSIONS, STAFF
from devora_admin.staff.factors.stored import Factors, factors_of
from devora_admin.staff.links import Link
from devora_admin.staff.permissions import NEEDS_SECOND_FACTOR, ROLES
from devora_admin.staff.queries.audit_log import AuditFilters, AuditLine, audit_page
from devora_admin.staff.sessions import OpenSession

_MOST = 1000
_LATEST = 10


@dataclass(frozen=True, slots=True)
class StaffRow:
    id: str
    email: str
    name: str
    role: str
    is_active: bool
    has_second_factor: bool
    sessions: int
    last_used_at: datetime | None
    created_at: datetime | None

    @property
    def label(self) -> str:
        return self.name or self.email

    @property
    def lacks_second_factor(self) -> bool:
        """Cannot use the role until it has one."""
        return self.role in NEEDS_SECOND_FACTOR and not self.has_second_factor


@dataclass(frozen=True, slots=True)
class StaffList:
    rows: list[StaffRow]
    invitations: list[Link]

    @property
    def deciders(self) -> int:
        """Who can approve what others ask for."""
        return sum(
            row.is_active and accounts.DECIDES in ROLES.get(row.role, ()) for row in self.rows
        )


@dataclass(frozen=True, slots=True)
class StaffPage:
    person: StaffRow
    factors: Factors
    sessions: list[OpenSession]
    latest: list[AuditLine]
    recoveries: list[Link]
    """Recovery links that are open."""


def staff_list() -> StaffList:
    """Everybody, by name; four round trips however many they are."""
    db = mongo.database()
    people = db[STAFF].find({}, _FIELDS).sort("email", 1).limit(_MOST)
    kept = {"$or": [{"totp": {"$ne": None}}, {"passkeys.0": {"$exists": True}}]}
    protected = {str(row["_id"]) for row in db[FACTORS].find(kept, {"_id": 1})}
    used = _use()
    rows = [_row(row, protected, used) for row in people]
    rows.sort(key=lambda row: (not row.is_active, row.label.casefold()))
    return StaffList(rows, links.open_links("invite"))


def staff_page(user_id: str, *, current_key: str) -> StaffPage:
    """current_key: of the session that asks. Raises NotFound."""
    found = accounts.read(user_id)
    factors = factors_of(user_id)
    held = sessions.of_account(user_id, current=current_key)
    use = {user_id: (len(held), held[0].last_used_at if held else None)}
    person = _row(found, {user_id} if factors.is_enough else set(), use)
    latest = audit_page(AuditFilters(actor=user_id), []).rows[:_LATEST]
    recoveries = [link for link in links.open_links("recovery") if link.user_id == user_id]
    return StaffPage(person, factors, held, latest, recoveries)


def label_of(staff_id: str) -> str:
    """Name or address of an account; "" when there is none with this id."""
    try:
        key = ObjectId(staff_id)
    except InvalidId:
        return ""
    row = mongo.database()[STAFF].find_one({"_id": key}, {"name": 1, "email": 1})
    return str(row.get("name") or row["email"]) if row else ""


_FIELDS = {"email": 1, "name": 1, "role": 1, "is_active": 1, "created_at": 1, "last_login": 1}


def _use() -> dict[str, tuple[int, datetime | None]]:
    """Open sessions and the last use of each account."""
    steps: list[dict[str, Any]] = [
        {"$match": {"expire_date": {"$gt": clock.now()}, "user_ref": {"$ne": ""}}},
        {"$group": {"_id": "$user_ref", "count": {"$sum": 1}, "last": {"$max": "$last_used_at"}}},
    ]
    found = mongo.database()[SESSIONS].aggregate(steps)
    return {row["_id"]: (row["count"], row["last"]) for row in found}


def _row(
    row: dict[str, Any], protected: set[str], used: dict[str, tuple[int, datetime | None]]
) -> StaffRow:
    key = str(row["_id"])
    count, last = used.get(key, (0, None))
    return StaffRow(
        id=key,
        email=row["email"],
        name=row.get("name") or "",
        role=row["role"],
        is_active=row["is_active"],
        has_second_factor=key in protected,
        sessions=count,
        last_used_at=last or row.get("last_login"),
        created_at=row.get("created_at"),
    )


def who_can(permission: str) -> dict[str, str]:
    """What those are called, by id, who have a usable account that allows it."""
    roles = [role for role, allowed in ROLES.items() if permission in allowed]
    wanted = {"role": {"$in": roles}, "is_active": True}
    rows = mongo.database()[STAFF].find(wanted, {"name": 1, "email": 1}).sort("email", 1)
    return {str(row["_id"]): row.get("name") or row["email"] for row in rows.limit(_MOST)}


def names() -> dict[str, str]:
    """What everybody with an account is called, by id, also who cannot use it any more."""
    rows = mongo.database()[STAFF].find({}, {"name": 1, "email": 1}).sort("email", 1)
    return {str(row["_id"]): row.get("name") or row["email"] for row in rows.limit(_MOST)}
