"""Signing in and out."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.http import redirect_to, safe_next, wants_json
from devora_admin.staff.backends import TooManyAttempts
from devora_admin.staff.forms.signing_in import LoginForm
from devora_admin.staff.permissions import public


@public
@sensitive_post_parameters("password")
@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """The sign-in form; a script that asks for JSON gets JSON, to sign in again in place."""
    home = reverse(settings.LOGIN_REDIRECT_URL)
    if request.method == "GET":
        target = safe_next(request, request.GET.get("next", ""), default=home)
        if request.user.is_authenticated and not wants_json(request):
            return redirect_to(request, target)
        return render(request, "staff/login.html", {"form": LoginForm(), "next": target})
    form = LoginForm(request.POST)
    target = safe_next(request, request.POST.get("next", ""), default=home)
    error = sign_in(request, form)
    if wants_json(request):
        body = {"error": {"code": "sign_in", "message": error}} if error else {"ok": True}
        return JsonResponse(body, status=422 if error else 200)
    if error:
        context = {"form": form, "error": error, "next": target}
        return render(request, "staff/login.html", context, status=422)
    return redirect_to(request, target)


def sign_in(request: HttpRequest, form: LoginForm) -> str:
    """Signs in and returns "", or returns what to tell the person."""
    if not form.is_valid():
        return "Enter your e-mail address and password."
    data = form.cleaned_data
    try:
        user = authenticate(request, email=data["email"], password=data["password"])
    except TooManyAttempts as limit:
        return f"Too many attempts. Try again after {localtime(limit.retry_at):%H:%M}."
    if user is None:
        return "That e-mail address and password do not match."
    login(request, user)
    return ""


@public
@require_POST
def logout_action(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect_to(request, reverse("staff:login"))
