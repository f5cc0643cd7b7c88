"""Signing in and out: the password, then the second step of whoever has one."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import client_address, redirect_to, safe_next, toast, wants_json
from devora_admin.staff import devices, sign_in, throttle
from devora_admin.staff.factors import passkeys
from devora_admin.staff.forms.signing_in import CodeForm, LoginForm, PasskeyAnswer
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import before_second_factor, public
from devora_admin.staff.sign_in import HalfSignedIn


@public
@sensitive_post_parameters("password")
@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """The sign-in form; a script that asks for JSON gets JSON, to sign in again in place."""
    if request.method == "GET":
        target = _target(request, request.GET.get("next", ""))
        if request.user.is_authenticated and not wants_json(request):
            return redirect_to(request, target)
        return _login_form(request, LoginForm(), target)
    form = LoginForm(request.POST)
    target = _target(request, request.POST.get("next", ""))
    if not form.is_valid():
        error = "Enter your e-mail address and password."
        return _refused(request, error) or _login_form(request, form, target, error)
    email, password = form.cleaned_data["email"].lower(), form.cleaned_data["password"]
    try:
        step = sign_in.with_password(request, email, password, next_url=target)
    except throttle.TooManyAttempts as limit:
        step, error = "", _wait(limit)
    else:
        error = "That e-mail address and password do not match."
    if step == "done":
        return signed_in(request, email, target)
    if step == "verify":
        return second_step(request)
    return _refused(request, error) or _login_form(request, form, target, error)


def _target(request: HttpRequest, wanted: str) -> str:
    return safe_next(request, wanted, default=reverse(settings.LOGIN_REDIRECT_URL))


def _wait(limit: throttle.TooManyAttempts) -> str:
    return f"Too many attempts. Try again after {localtime(limit.retry_at):%H:%M}."


def _refused(request: HttpRequest, error: str, code: str = "sign_in") -> HttpResponse | None:
    """The answer for a script; None where a page is wanted."""
    if not wants_json(request):
        return None
    return JsonResponse({"error": {"code": code, "message": error}}, status=422)


def _login_form(
    request: HttpRequest, form: LoginForm, target: str, error: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "error": error,
        "next": target,
        "passkey_host": passkeys.rp_id(request),
        "better_address": passkeys.better_address(request),
    }
    return render(request, "staff/login.html", context, status=422 if error else 200)


def signed_in(request: HttpRequest, email: str, target: str) -> HttpResponse:
    answer = JsonResponse({"ok": True}) if wants_json(request) else redirect_to(request, target)
    devices.remember(request, answer, email)
    return answer


def second_step(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        half = sign_in.half_signed_in(request)
        has_passkey = half and half.factors.passkeys and passkeys.rp_id(request)
        ways = {"passkey": reverse("staff:passkey")} if has_passkey else {}
        return JsonResponse({"ok": False, "verify": reverse("staff:verify"), **ways})
    return redirect_to(request, reverse("staff:verify"))


@public
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def verify_page(request: HttpRequest) -> HttpResponse:
    half = sign_in.half_signed_in(request)
    if half is None:
        return _start_again(request)
    if request.method == "GET":
        return _verify_form(request, half)
    form = CodeForm(request.POST)
    try:
        if form.is_valid() and sign_in.with_code(request, half, form.cleaned_data["code"]):
            return signed_in(request, half.user.email, half.next)
        error = "That code is not right, or was used already. Wait for the next one."
        if "-" in request.POST.get("code", "") or request.GET.get("with") == "recovery":
            error = "That is none of your recovery codes, or it was used already."
    except throttle.TooManyAttempts as limit:
        error = _wait(limit)
    return _refused(request, error) or _verify_form(request, half, error)


def _start_again(request: HttpRequest) -> HttpResponse:
    message = "That took too long. Sign in again."
    if answer := _refused(request, message, "start_again"):
        return answer
    return toast(redirect_to(request, reverse("staff:login")), message, level="warning")


def _verify_form(request: HttpRequest, half: HalfSignedIn, error: str = "") -> HttpResponse:
    context = {
        "factors": half.factors,
        "email": half.user.email,
        "error": error,
        "uses_recovery_code": request.GET.get("with") == "recovery",
        "next": half.next,
        "passkey_host": passkeys.rp_id(request),
        "better_address": passkeys.better_address(request),
    }
    return render(request, "staff/verify.html", context, status=422 if error else 200)


@public
@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """A challenge: for the passkeys of who gave the password, or for any passkey."""
    # A browser known here is counted apart from who else shares its address.
    who = devices.any_device(request) or client_address(request)
    attempt = throttle.count_attempt(f"passkeys:{who}", limit=throttle.PER_ADDRESS)
    if not attempt.allowed:
        message = f"Too many attempts. Try again after {localtime(attempt.retry_at):%H:%M}."
        return JsonResponse({"error": {"code": "busy", "message": message}}, status=429)
    half = _half_for_passkey(request)
    return JsonResponse(passkeys.begin_sign_in(request, str(half.user.pk) if half else ""))


def _half_for_passkey(request: HttpRequest) -> HalfSignedIn | None:
    return sign_in.half_signed_in(request) if request.GET.get("step") == "second" else None


@public
@sensitive_post_parameters("credential")
@never_cache
@require_POST
def passkey_action(request: HttpRequest) -> HttpResponse:
    half = _half_for_passkey(request)
    form = PasskeyAnswer(request.POST)
    target = half.next if half else _target(request, request.POST.get("next", ""))
    try:
        if not form.is_valid():
            raise InvalidInput("Your browser sent no passkey. It needs JavaScript to.")
        user: StaffUser = sign_in.with_passkey(request, form.cleaned_data["credential"], half)
    except InvalidInput as problem:
        error = problem.message
        if answer := _refused(request, error):
            return answer
        if half:
            return _verify_form(request, half, error)
        return _login_form(request, LoginForm(), target, error)
    return signed_in(request, user.email, target)


@public
@before_second_factor
@require_POST
def logout_action(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect_to(request, reverse("staff:login"))
