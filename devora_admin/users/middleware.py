"""Holds a person who views the platform as a customer to reading what is that customer's."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from devora_admin.core.errors import Forbidden
from devora_admin.core.http import is_htmx, wants_json
from devora_admin.core.problems import render_problem
from devora_admin.staff.permissions import PUBLIC, permission_of
from devora_admin.users import viewing
from devora_admin.users.viewing import ViewAs

_READS = ("GET", "HEAD")
_READABLE = frozenset({"users.view", "users.view_as", "projects.view", "settings.view"})
_ENDS_IT = frozenset({"users:view_as_stop", "staff:logout"})


class ViewAsMiddleware:
    """After PermissionMiddleware: who asks is known, and the session is loaded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        permission = permission_of(view)
        if permission == PUBLIC and request.method in _READS:
            return None
        now = request.view_as = viewing.current(request)  # type: ignore[attr-defined]
        if now is None or _ends_it(request):
            return None
        if request.method not in _READS:
            return _refused(request, now, "Nothing can be changed while you view as a customer.")
        if permission in _READABLE and viewing.concerns(now, kwargs):
            return None
        return _refused(request, now, f"Stop viewing as {now.label} first.")


def _ends_it(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name in _ENDS_IT


def _refused(request: HttpRequest, now: ViewAs, why: str) -> HttpResponse:
    problem = Forbidden(why)
    if wants_json(request) or is_htmx(request):
        return render_problem(request, problem)
    context = {"message": why, "viewing": now}
    return render(request, "users/view_as_refused.html", context, status=problem.status)
