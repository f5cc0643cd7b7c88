"""Saving a view of the inbox, changing and deleting it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.http import redirect_to, toast
from devora_admin.shell.dialogs import Dialog, answer
from devora_admin.shell.listing.forms import checked
from devora_admin.shell.listing.remembered import list_url
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.support.forms.inbox import InboxForm
from devora_admin.support.forms.views import SavedViewForm, kept_query
from devora_admin.support.services import views


def _dialog(title: str, label: str) -> Dialog:
    return Dialog(title, label, back_url=reverse("support:list"))


def _form(request: HttpRequest, **initial: Any) -> SavedViewForm:
    posted = request.POST if request.method == "POST" else None
    can_share = allowed(request, views.MANAGE)
    return SavedViewForm(posted, initial=initial, can_share=can_share)


@require_http_methods(["GET", "POST"])
@staff_can("issues.view")
def save(request: HttpRequest) -> HttpResponse:
    """Of the filters and the order in this address."""
    checked(InboxForm(request.GET))
    query = kept_query(request.GET)

    def keep(data: Mapping[str, Any]) -> HttpResponse:
        view_id = views.save(
            data["name"],
            query,
            is_shared=data.get("is_shared", False),
            actor=audit.actor_of(request),
        )
        url = f"{reverse('support:list')}?{query}&saved={view_id}"
        return toast(redirect_to(request, url), "View saved")

    return answer(request, _dialog("Save this view", "Save"), _form(request), keep)


@require_http_methods(["GET", "POST"])
@staff_can("issues.view")
def change(request: HttpRequest, view_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    row = views.own(view_id, actor=actor)
    form = _form(request, name=row["name"], is_shared=row["is_shared"], seen=row["revision"])

    def keep(data: Mapping[str, Any]) -> HttpResponse:
        views.change(
            view_id,
            name=data["name"],
            is_shared=data.get("is_shared", row["is_shared"]),
            seen=data["seen"] or 0,
            actor=actor,
        )
        return toast(redirect_to(request, list_url(request, "support")), "View changed")

    return answer(request, _dialog("Rename the view", "Save"), form, keep)


@require_POST
@staff_can("issues.view")
def delete(request: HttpRequest, view_id: str) -> HttpResponse:
    row_id = views.delete(view_id, actor=audit.actor_of(request))
    address = reverse("support:list")
    back = undo.url(row_id, back=address)
    return toast(redirect_to(request, address), "View deleted", undo_url=back)
