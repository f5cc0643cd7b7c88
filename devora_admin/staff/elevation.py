"""Proof that the person at the keyboard is who signed in, for what must not be done in passing.

A form for a sensitive act extends ProofForm: it asks for the password, or for a code of the second
factor, unless that was given a short while ago.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.timezone import localtime

from devora_admin.core import clock
from devora_admin.staff import throttle
from devora_admin.staff.factors import totp
from devora_admin.staff.models import StaffUser

FOR_SECRETS = timedelta(minutes=5)
FOR_CHANGES = timedelta(minutes=15)
_KEY = "elevated_at"


def confirm(request: HttpRequest) -> None:
    """Notes that the person has just proved who they are."""
    request.session[_KEY] = clock.now().isoformat()


def is_fresh(request: HttpRequest, within: timedelta) -> bool:
    noted: str | None = request.session.get(_KEY)
    return noted is not None and clock.now() - datetime.fromisoformat(noted) <= within


def _proves(user: StaffUser, text: str) -> bool:
    """A password has twelve characters or more, so six digits are a code."""
    if totp.looks_like_code(text):
        return totp.accept(str(user.pk), text)
    return user.check_password(text)


class ProofForm(forms.Form):
    """request: of the person who acts. within: how old an earlier proof may be."""

    proof = forms.CharField(
        label="Your password, or a code from your authenticator",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(
        self, *args: Any, request: HttpRequest, within: timedelta = FOR_CHANGES, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        if is_fresh(request, within):
            del self.fields["proof"]
        else:
            self.order_fields([*(name for name in self.fields if name != "proof"), "proof"])

    def clean_proof(self) -> str:
        user: StaffUser = self._request.user  # type: ignore[assignment]  # the middleware saw to it
        key = f"proof:{user.pk}"
        attempt = throttle.count_attempt(key, limit=throttle.PER_ACCOUNT)
        if not attempt.allowed:
            raise forms.ValidationError(
                f"Too many attempts. Try again at {localtime(attempt.retry_at):%H:%M}."
            )
        if not _proves(user, self.cleaned_data["proof"]):
            raise forms.ValidationError("That is neither your password nor a code not used before.")
        throttle.clear_attempts(key)
        confirm(self._request)
        return ""
