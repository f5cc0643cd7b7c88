"""Where a customer is reached now."""

from dataclasses import dataclass

from devora_admin.core import raw_bson
from devora_admin.users.documents import customers
from devora_admin.users.queries.owners import lasting_id


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    """Of the account they have now, which another may have been merged into."""
    email: str
    """"" without one; otherwise as the platform stored it, which may be no address."""
    status: str


def contact(user_id: str) -> Contact | None:
    """None without such customer."""
    user_id = lasting_id(user_id)
    found = customers().find_one({"id": user_id}, {"email": 1, "status": 1})
    if found is None:
        return None
    email = found.get("email")
    return Contact(
        user_id,
        email.strip() if raw_bson.is_text(email) else "",
        str(found.get("status") or "active"),
    )
