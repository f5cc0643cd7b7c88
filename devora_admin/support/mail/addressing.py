"""Whom a reply goes to: the customer's address at the moment it is sent."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from devora_admin.users.erasing import fence
from devora_admin.users.queries.contact import contact

_LONGEST = 254


class Undeliverable(Exception):
    """Trying again by itself would not help. Its message says why, for staff."""


def address_of(user_id: str) -> str:
    """Raises Undeliverable."""
    found = contact(user_id)
    if fence.is_erased(user_id) or (found and fence.is_erased(found.id)):
        raise Undeliverable("The customer was erased.")
    if found is None:
        raise Undeliverable("There is no such customer any more.")
    if found.status == "suspended":
        raise Undeliverable("The customer is suspended.")
    if not found.email:
        raise Undeliverable("The customer has no e-mail address.")
    try:
        validate_email(found.email)
    except ValidationError as error:
        raise Undeliverable("What is stored for the customer is no e-mail address.") from error
    if len(found.email) > _LONGEST:
        raise Undeliverable("The customer's e-mail address is too long.")
    return found.email
