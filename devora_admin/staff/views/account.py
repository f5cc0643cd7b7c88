"""One's own account: name, password and sessions. The second factor is in views.second_factor."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core.errors import Forbidden, InvalidInput
from devora_admin.core.http import redirect, toast
from devora_admin.shell import dialogs
from devora_admin.shell.dialogs import Dialog
from devora_admin.staff import account, audit, elevation, sessions, throttle
from devora_admin.staff.factors import passkeys
from devora_admin.staff.factors.stored import factors_of
from devora_admin.staff.forms.account import NameForm, PasswordForm
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import staff_can


def person(request: HttpRequest) -> StaffUser:
    """Who asks: the middleware saw to it that somebody is signed in."""
    user: StaffUser = request.user  # type: ignore[assignment]
    return user


@staff_can("staff.self")
@require_safe
def account_page(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {
        "factors": factors_of(str(user.pk)),
        "sessions": sessions.of_account(str(user.pk), current=request.session.session_key or ""),
        "end_others_url": reverse("staff:account_end_others"),
        "passkey_host": passkeys.rp_id(request),
        "better_address": passkeys.better_address(request),
    }
    return render(request, "staff/account.html", context)


def _back() -> str:
    return reverse("staff:account")


@staff_can("staff.self")
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = NameForm(request.POST or None, initial={"name": user.name})

    def save(data: Any) -> HttpResponse:
        account.rename(user, name=data["name"].strip(), actor=audit.actor_of(request))
        return toast(redirect(request, "staff:account"), "Name saved")

    return dialogs.answer(request, Dialog("Your name", "Save", _back()), form, save)


@staff_can("staff.self")
@sensitive_post_parameters("current", "password", "again")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    intro = "Your other sessions end. This one stays."

    def save(data: Any) -> HttpResponse:
        _check_current(request, data["current"])
        account.change_password(request, password=data["password"], actor=audit.actor_of(request))
        elevation.confirm(request)
        return toast(redirect(request, "staff:account"), "Password changed")

    dialog = Dialog("Change your password", "Change password", _back(), intro)
    return dialogs.answer(request, dialog, form, save)


def _check_current(request: HttpRequest, password: str) -> None:
    """Raises InvalidInput. An attempt is counted before anything is hashed."""
    key = f"proof:{person(request).pk}"
    if not throttle.count_attempt(key, limit=throttle.PER_ACCOUNT).allowed:
        raise InvalidInput("Too many attempts. Try again in a quarter of an hour.", field="current")
    if not person(request).check_password(password):
        raise InvalidInput("This is not your current password.", field="current")
    throttle.clear_attempts(key)


@staff_can("staff.self")
@require_POST
def end_session(request: HttpRequest, ref: str) -> HttpResponse:
    if any(each.is_current and each.ref == ref for each in _own_sessions(request)):
        raise Forbidden("This is the session you are in: sign out instead.")
    account.end_session(person(request), ref, actor=audit.actor_of(request))
    return toast(redirect(request, "staff:account"), "Session ended")


@staff_can("staff.self")
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    keep = request.session.session_key or ""
    count = account.end_other_sessions(person(request), keep=keep, actor=audit.actor_of(request))
    words = {0: "There was no other session", 1: "1 session ended"}
    return toast(redirect(request, "staff:account"), words.get(count, f"{count} sessions ended"))


def _own_sessions(request: HttpRequest) -> list[sessions.OpenSession]:
    key = request.session.session_key or ""
    return sessions.of_account(str(request.user.pk), current=key)
