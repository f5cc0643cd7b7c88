"""Changes to staff accounts."""

from bson import ObjectId
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import mongo
from devora_admin.core.errors import InvalidInput
from devora_admin.staff import audit
from devora_admin.staff.documents import STAFF
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import ROLES


def create_staff(
    email: str, *, role: str, password: str, name: str = "", actor: audit.Actor
) -> StaffUser:
    """Raises InvalidInput for a bad address, role or password, or an address already in use."""
    email = check_new(email, role=role)
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    hashed = make_password(password)

    def work(session: ClientSession) -> StaffUser:
        user = insert(email, role=role, name=name, hashed=hashed, session=session)
        subject = audit.Subject("staff", str(user.pk), user.email)
        after = {"email": user.email, "role": role}
        audit.record("staff.create", actor=actor, subject=subject, after=after, session=session)
        return user

    try:
        return mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise in_use(email) from error


def check_new(email: str, *, role: str) -> str:
    """The address as it is kept. Raises InvalidInput."""
    email = email.strip().lower()
    if role not in ROLES:
        raise InvalidInput(f"The role must be one of {', '.join(ROLES)}.", field="role")
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="email") from error
    return email


def in_use(email: str) -> InvalidInput:
    return InvalidInput(f"There is a staff account {email} already.", field="email")


def insert(email: str, *, role: str, name: str, hashed: str, session: ClientSession) -> StaffUser:
    """Adds an account within a transaction, which Django's own save cannot take part in.

    Raises DuplicateKeyError when the address is in use.
    """
    user = StaffUser(pk=ObjectId(), email=email, role=role, name=name, password=hashed)
    row = {str(field.column): getattr(user, field.attname) for field in user._meta.concrete_fields}
    mongo.database()[STAFF].insert_one(row, session=session)
    return user
