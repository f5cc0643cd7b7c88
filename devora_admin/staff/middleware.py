"""Holds every request to the permission its view names."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from devora_admin.core.errors import Forbidden
from devora_admin.core.http import current_page, is_htmx, redirect_to, wants_json
from devora_admin.core.problems import render_problem
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import (
    PUBLIC,
    is_background,
    is_before_second_factor,
    opening_of,
    permission_of,
)
from devora_admin.staff.sign_in import lacks_second_factor


class PermissionMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        permission = permission_of(view)
        if permission is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} names no permission")
        if permission == PUBLIC:
            return None
        opens = opening_of(view)
        if opens is not None and "Authorization" in request.headers:
            return None if opens(request) else _refuse_token()
        user = request.user
        if not isinstance(user, StaffUser):
            return ask_to_sign_in(request)
        if lacks_second_factor(request, user) and not is_before_second_factor(view):
            return ask_for_second_factor(request)
        if user.can(permission):
            if not is_background(request, view):
                request.session.stamp()  # type: ignore[attr-defined]
            return None
        return render_problem(request, Forbidden(f"Your role, {user.role}, does not allow this."))


def _refuse_token() -> HttpResponse:
    refusal = HttpResponse("This token is not valid here.\n", "text/plain", status=401)
    refusal["WWW-Authenticate"] = "Bearer"
    return refusal


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    login = reverse("staff:login")
    if wants_json(request):
        error = {"code": "signed_out", "message": "Your session has ended. Sign in again."}
        return JsonResponse({"error": error, "login": login}, status=401)
    back = request.get_full_path() if request.method == "GET" else ""
    if is_htmx(request):
        # The fragment's address is no page to come back to; the one around it is.
        back = current_page(request)
    return redirect_to(request, f"{login}?{urlencode({'next': back})}" if back else login)


def ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    setup = reverse("staff:second_factor")
    if wants_json(request):
        message = "Your role needs a second factor. Set one up first."
        error = {"code": "second_factor", "message": message}
        return JsonResponse({"error": error, "setup": setup}, status=403)
    back = request.get_full_path() if request.method == "GET" and not is_htmx(request) else ""
    return redirect_to(request, f"{setup}?{urlencode({'next': back})}" if back else setup)
