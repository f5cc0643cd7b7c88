"""Ending a customer's sessions, and a link to set a new password."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.shell.dialogs import answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.users.editable import editable
from devora_admin.users.forms.actions import ResetLinkForm, SignOutForm
from devora_admin.users.services import access
from devora_admin.users.views.dialogs import customer_dialog


@staff_can("users.access")
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest, user_id: str) -> HttpResponse:
    customer = editable(user_id)
    dialog = customer_dialog(
        user_id,
        f"Sign {customer.label} out everywhere?",
        "Sign out everywhere",
        tone="danger",
        intro=f"Every session of {customer.label} ends, on all devices. "
        "This cannot be undone; they can sign in again.",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        changed = access.sign_out_everywhere(
            user_id, reason=data["reason"], actor=audit.actor_of(request)
        )
        response = redirect(request, "users:detail", user_id)
        return toast(response, f"{changed.label} is signed out everywhere")

    return answer(request, dialog, SignOutForm(posted(request)), save)


@staff_can("users.access")
@never_cache
@require_http_methods(["GET", "POST"])
def reset_link(request: HttpRequest, user_id: str) -> HttpResponse:
    """The link is in the answer to the POST, and nowhere else."""
    customer = editable(user_id)
    dialog = customer_dialog(
        user_id,
        f"Password reset link for {customer.label}",
        "Make the link",
        intro="It lets whoever has it set a new password, once, within 24 hours. "
        "An earlier link stops working. Send it to the customer only.",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        link = access.issue_reset_link(
            user_id, reason=data["reason"], actor=audit.actor_of(request)
        )
        template = "users/reset_link.html" + ("#link" if is_htmx(request) else "")
        response = render(request, template, {"link": link, "dialog": dialog})
        response["Cache-Control"] = "no-store, private"
        return response

    form = ResetLinkForm(posted(request), request=request)
    return answer(request, dialog, form, save)
