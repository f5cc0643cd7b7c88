"""Erasing a customer: asked for here, approved by another person, followed to the receipt."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.shell.dialogs import answer
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.users.erasing import again, queries, requests
from devora_admin.users.forms.erasing import EraseForm
from devora_admin.users.views.dialogs import customer_dialog


@staff_can("users.erase")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, user_id: str) -> HttpResponse:
    expected = requests.to_be_typed(user_id)
    form = EraseForm(
        request.POST if request.method == "POST" else None, request=request, expected=expected
    )
    dialog = customer_dialog(
        user_id,
        "Erase this customer?",
        "Ask for approval",
        intro="Everything about them is deleted for good: account, projects, conversations, "
        "settings and events. It begins when a second person has approved it and cannot be undone.",
        tone="danger",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        actor = audit.actor_of(request)
        requests.ask(user_id, typed=data["typed"], reason=data["reason"], actor=actor)
        return toast(redirect(request, "users:detail", user_id), "A second person is asked")

    return answer(request, dialog, form, save)


@staff_can("users.erase")
@require_safe
def erasure(request: HttpRequest, erasure_id: str) -> HttpResponse:
    found = queries.erasure(erasure_id)
    if is_htmx(request) and found.is_done:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"  # from progress to receipt: the page's title as well
        return response
    part = "#state" if is_htmx(request) else ""
    return render(request, "users/erasure.html" + part, {"erasure": found})


@staff_can("users.erase")
@require_safe
def receipt(request: HttpRequest, erasure_id: str) -> HttpResponse:
    found = queries.erasure(erasure_id)
    if not found.is_done:
        raise Conflict("There is a receipt when the erasure is done.")
    response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="receipt-{found.id[:8]}.txt"'
    return response


@staff_can("users.erase")
@require_POST
def go_on(request: HttpRequest, erasure_id: str) -> HttpResponse:
    """After its job failed. What a second person approved is approved still."""
    if not queries.erasure(erasure_id).has_stopped:
        raise Conflict("This erasure is at work, or done.")
    again.take_up(erasure_id, actor=audit.actor_of(request))
    return redirect(request, "users:erasure", erasure_id)


def gone(request: HttpRequest, user_id: str, error: NotFound) -> HttpResponse:
    """The page of a customer who is not there. Raises `error` unless they were erased."""
    found = queries.standing(user_id)
    if found is None or not found.erasure_id:
        raise error
    context = {"standing": found, "may_see": allowed(request, "users.erase")}
    return render(request, "users/erased.html", context, status=410)
