"""A customer's name and e-mail address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pymongo.errors import DuplicateKeyError

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import audit
from devora_admin.users.documents import customers
from devora_admin.users.services import fields, texts
from devora_admin.users.services.fields import Change, Done

MAX_NAME = 200
MAX_EMAIL = 254
_TAKEN = "Another customer has this e-mail address."


def change_identity(
    user_id: str,
    *,
    name: str,
    email: str,
    actor: audit.Actor,
    expected_name: str | None = None,
    expected_email: str | None = None,
) -> Done:
    """expected: what the person saw; something else in the store is a Conflict.

    Raises InvalidInput (field name or email), also when the address is another customer's.
    """
    name, email = name.strip(), email.strip()

    def plan(found: dict[str, Any]) -> Change | None:
        put: dict[str, Any] = {}
        if _differs(found, "name", name, expected_name):
            put["name"] = texts.checked(name, field="name", label="The name", limit=MAX_NAME)
        if _differs(found, "email", email, expected_email):
            put["email"] = _address(email)
            if is_taken(put["email"], user_id):
                raise InvalidInput(_TAKEN, field="email")
        return Change("users.edit", put) if put else None

    try:
        return fields.change(user_id, plan, actor=actor)
    except DuplicateKeyError as error:  # taken between the look and the write
        raise InvalidInput(_TAKEN, field="email") from error


def _differs(found: dict[str, Any], key: str, given: str, expected: str | None) -> bool:
    """Whether the person changed it. What is stored may be no text, or have blanks around it."""
    stored = found.get(key)
    shown = stored if isinstance(stored, str) else ""
    if given == shown.strip():
        return False
    if expected is not None and given == expected.strip():
        return False  # someone else changed it, this person did not
    if expected is not None and expected.strip() != shown.strip():
        label = "e-mail address" if key == "email" else key
        raise Conflict(
            f"Someone else changed the {label} meanwhile; it is now “{shown[:200]}”.",
            detail={"current": shown[:300]},
        )
    return True


def _address(text: str) -> str:
    text = texts.checked(text, field="email", label="The address", limit=MAX_EMAIL).lower()
    try:
        validate_email(text)
    except ValidationError as error:
        raise InvalidInput("This is no e-mail address.", field="email") from error
    return text


def is_taken(email: str, user_id: str) -> bool:
    """Asked too, as the index is not unique where the platform had stored one address twice."""
    others = {"email": {"$eq": email}, "id": {"$ne": user_id}}
    return customers().find_one(others, {"_id": 1}) is not None
