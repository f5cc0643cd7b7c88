"""One row of the customers list, computed by the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core.listing import columns as computed
from devora_admin.core.listing.columns import date, moment, text, titled
from devora_admin.core.listing.spec import Found
from devora_admin.users.queries.conditions import ACTIVE
from devora_admin.users.queries.subscription import tone_of

_OPTIONAL = ("string", "missing", "null")
_WANTED = {
    "id": ("string",),
    "email": ("string",),
    "name": _OPTIONAL,
    "status": _OPTIONAL,
    "subscription": ("object", "missing", "null"),
    "subscription.plan": _OPTIONAL,
    "subscription.status": _OPTIONAL,
    "created_at": ("date", "missing", "null"),
    "last_seen_at": ("date", "missing", "null"),
}
COLUMNS = {
    "id": text("id"),
    "email": text("email"),
    "name": text("name"),
    "status": text("status"),
    "plan": text("subscription.plan"),
    "subscription": text("subscription.status"),
    "created_at": date("created_at"),
    "last_seen_at": date("last_seen_at"),
    "is_merged": {"$gt": ["$merged_into", None]},
    "types": computed.types(_WANTED),
}


@dataclass(frozen=True, slots=True)
class CustomerRow:
    id: str
    """Empty when the document has none; it cannot be opened then."""
    name: str
    email: str
    status: str
    """"" when what is stored is no text."""
    plan: str
    subscription: str
    created_at: datetime | None
    last_seen_at: datetime | None
    is_merged: bool
    """Whether it was joined to another account, and is suspended for that."""
    faults: tuple[str, ...]
    """What is wrong with the document, in words."""

    def __getitem__(self, field: str) -> Any:
        """Templates ask this way first; answering saves an exception for each value shown."""
        return getattr(self, field)

    @property
    def title(self) -> str:
        """Who this is, as a table has room for it."""
        return titled(self.name.strip() or self.email.strip() or self.id) or "Unknown customer"

    @property
    def state(self) -> str:
        """That of the subscription, in words."""
        return titled(self.subscription.replace("_", " "))

    @property
    def tone(self) -> str:
        return tone_of(self.subscription)

    @property
    def is_unusual(self) -> bool:
        """Whether the subscription is in another state than most are."""
        return self.subscription.casefold() not in ("", ACTIVE)

    @property
    def is_active(self) -> bool:
        return self.status.casefold() == ACTIVE


def customer_row(found: Found) -> CustomerRow:
    is_without_status = computed.type_of(found, "status") in ("missing", "null")
    return CustomerRow(
        id=found["id"] or "",
        name=found["name"] or "",
        email=found["email"] or "",
        status=ACTIVE if is_without_status or found["status"] == "" else found["status"] or "",
        plan=found["plan"] or "",
        subscription=found["subscription"] or "",
        created_at=moment(found["created_at"]),
        last_seen_at=moment(found["last_seen_at"]),
        is_merged=found["is_merged"],
        faults=tuple(computed.faults(found, _WANTED)),
    )
