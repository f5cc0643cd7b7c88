"""Checks an e-mail and password, at most a few times a quarter of an hour."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from devora_admin.core.http import client_address
from devora_admin.staff import devices, throttle
from devora_admin.staff.models import StaffUser


def limits(
    request: HttpRequest | None, what: str, account: str, email: str
) -> list[tuple[str, int]]:
    """Under which keys to count an attempt. A browser known to the account is counted alone."""
    if device := devices.known_device(request, email):
        return [(f"device:{device}:{what}", throttle.PER_ACCOUNT)]
    address = client_address(request) if request else ""
    return [
        (f"{what}:{account}", throttle.PER_ACCOUNT),
        (f"address:{address}", throttle.PER_ADDRESS),
    ]


class ThrottledBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        email: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> StaffUser | None:
        """Raises TooManyAttempts before hashing once an account or address is over its limit."""
        if not isinstance(email, str) or not isinstance(password, str):
            return None
        email = email.strip().lower()
        counted = limits(request, "account", email, email)
        throttle.require_attempts(*counted)
        user = StaffUser.objects.filter(email=email).first()
        if user is None:
            make_password(password)  # the same work, so that timing does not tell who exists
            return None
        if not user.check_password(password) or not user.is_active:
            return None
        throttle.clear_attempts(counted[0][0])
        return user

    def get_user(self, user_id: Any) -> StaffUser | None:
        user = StaffUser.objects.signed_in(user_id)
        return user if user and user.is_active else None
