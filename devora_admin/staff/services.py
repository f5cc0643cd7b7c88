"""Changes to staff accounts."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.utils import IntegrityError

from devora_admin.core.errors import InvalidInput
from devora_admin.staff import audit
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import ROLES


def create_staff(
    email: str, *, role: str, password: str, name: str = "", actor: audit.Actor
) -> StaffUser:
    """Raises InvalidInput for a bad address, role or password, or an address already in use."""
    if role not in ROLES:
        raise InvalidInput(f"The role must be one of {', '.join(ROLES)}.", field="role")
    try:
        validate_email(email)
        validate_password(password)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    try:
        user = StaffUser.objects.create_staff(email, role=role, password=password, name=name)
    except IntegrityError as error:
        raise InvalidInput(f"There is a staff account {email} already.", field="email") from error
    subject = audit.Subject("staff", str(user.pk), user.email)
    after = {"email": user.email, "role": role}
    audit.record("staff.create", actor=actor, subject=subject, after=after)
    return user
