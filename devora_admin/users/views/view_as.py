"""Seeing the platform as a customer: starting, the page itself, stopping."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core.http import redirect, toast
from devora_admin.shell.dialogs import answer, posted
from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries, viewing
from devora_admin.users.editable import editable
from devora_admin.users.forms.view_as import ViewAsForm
from devora_admin.users.views.dialogs import customer_dialog


@staff_can("users.view_as")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, user_id: str) -> HttpResponse:
    dialog = customer_dialog(
        user_id,
        f"View as {editable(user_id).label}",
        "Start",
        intro="You see what this customer sees, and can change nothing. "
        "They are not told, and nothing is recorded as done by them.",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        viewing.start(request, user_id, minutes=data["minutes"], reason=data["reason"])
        return redirect(request, "users:view_as", user_id)

    return answer(request, dialog, ViewAsForm(posted(request)), save)


@staff_can("users.view_as")
@require_safe
def page(request: HttpRequest, user_id: str) -> HttpResponse:
    if viewing.current(request) is None:
        return redirect(request, "users:view_as_start", user_id)
    customer = queries.customer_profile(user_id)
    context = {"customer": customer, "sections": viewing.sections(user_id)}
    return render(request, "users/view_as.html", context)


@staff_can("users.view_as")
@require_POST
def stop(request: HttpRequest, user_id: str) -> HttpResponse:
    viewing.stop(request)
    return toast(redirect(request, "users:detail", user_id), "You are yourself again")
