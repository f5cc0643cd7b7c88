"""Signing in, in one step or two. Between the two, a session of ten minutes that opens nothing."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import authenticate, login
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import client_address
from devora_admin.staff import audit, devices, elevation, throttle
from devora_admin.staff.backends import limits
from devora_admin.staff.factors import passkeys, recovery, totp
from devora_admin.staff.factors.stored import Factors, factors_of
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import NEEDS_SECOND_FACTOR

_HALF = "half_signed_in"
_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    user: StaffUser
    next: str
    factors: Factors


def with_password(request: HttpRequest, email: str, password: str, *, next_url: str) -> str:
    """ "done", "verify" when a second step is needed, or "" when the two do not match.

    Raises TooManyAttempts.
    """
    user = authenticate(request, email=email, password=password)
    if not isinstance(user, StaffUser):
        return ""
    return proceed(request, user, next_url=next_url)


def proceed(request: HttpRequest, user: StaffUser, *, next_url: str) -> str:
    """After the first step: "done", or "verify" when a second one is needed."""
    if not factors_of(str(user.pk)).is_enough:
        complete(request, user, factor="")
        return "done"
    _new_session(request)
    request.session[_HALF] = {
        "user": str(user.pk),
        "hash": user.get_session_auth_hash(),
        "next": next_url,
    }
    rotate_token(request)
    return "verify"


def half_signed_in(request: HttpRequest) -> HalfSignedIn | None:
    """Who gave the right password in this browser, when the second step is still to come."""
    kept: dict[str, Any] | None = request.session.get(_HALF)
    user = StaffUser.objects.signed_in(kept["user"]) if kept else None
    if kept is None or user is None or not user.is_active:
        return None
    if not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    return HalfSignedIn(user, kept["next"], factors_of(str(user.pk)))


def with_code(request: HttpRequest, half: HalfSignedIn, code: str) -> bool:
    """Whether the code of the app, or the recovery code, was right. Raises TooManyAttempts."""
    user_id = str(half.user.pk)
    counted = limits(request, "code", user_id, half.user.email)
    throttle.require_attempts(*counted)
    if totp.accept(user_id, code):
        factor = "totp"
    elif recovery.accept(user_id, code):
        factor = "recovery"
    else:
        return False
    throttle.clear_attempts(counted[0][0])
    complete(request, half.user, factor=factor)
    return True


def with_passkey(request: HttpRequest, answer: str, half: HalfSignedIn | None) -> StaffUser:
    """Raises InvalidInput."""
    owner = passkeys.finish_sign_in(request, answer, str(half.user.pk) if half else "")
    user = half.user if half else StaffUser.objects.signed_in(owner)
    if user is None or not user.is_active:
        raise InvalidInput(passkeys.NOT_ACCEPTED)
    complete(request, user, factor="passkey")
    return user


def complete(request: HttpRequest, user: StaffUser, *, factor: str) -> None:
    """Opens the session. factor: totp, recovery or passkey, or "" when there was no second one."""
    _new_session(request)
    actor = audit.actor_for(
        user, address=client_address(request), request_id=getattr(request, "id", "")
    )
    subject = audit.Subject("staff", str(user.pk), user.email)
    audit.record(
        "staff.sign_in", actor=actor, subject=subject, after={"with": factor or "password"}
    )
    login(request, user, backend="devora_admin.staff.backends.ThrottledBackend")
    mark_verified(request.session, factor)
    elevation.confirm(request)


def mark_verified(session: Any, factor: str) -> None:
    session[_FACTOR] = factor


def lacks_second_factor(request: HttpRequest, user: StaffUser) -> bool:
    """Whether the role needs one and this session was opened without."""
    return user.role in NEEDS_SECOND_FACTOR and not request.session.get(_FACTOR)


def _new_session(request: HttpRequest) -> None:
    session: Any = request.session
    session.flush()
    session.address = client_address(request)[:64]
    session.user_agent = devices.user_agent(request)
