"""Checks an e-mail and password, at most a few times a quarter of an hour."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from devora_admin.core.http import client_address
from devora_admin.staff import throttle
from devora_admin.staff.models import StaffUser


class TooManyAttempts(Exception):
    def __init__(self, attempt: throttle.Attempt) -> None:
        super().__init__("too many attempts")
        self.retry_at = attempt.retry_at


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
        address = client_address(request) if request else ""
        for key, limit in (
            (f"account:{email}", throttle.PER_ACCOUNT),
            (f"address:{address}", throttle.PER_ADDRESS),
        ):
            attempt = throttle.count_attempt(key, limit=limit)
            if not attempt.allowed:
                raise TooManyAttempts(attempt)
        user = StaffUser.objects.filter(email=email).first()
        if user is None:
            make_password(password)  # the same work, so that timing does not tell who exists
            return None
        if not user.check_password(password) or not user.is_active:
            return None
        throttle.clear_attempts(f"account:{email}")
        return user

    def get_user(self, user_id: Any) -> StaffUser | None:
        user = StaffUser.objects.signed_in(user_id)
        return user if user and user.is_active else None
