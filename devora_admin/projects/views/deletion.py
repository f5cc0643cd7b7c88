"""Delete archived projects for good: a question, then a second person's approval."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.core.listing.spec import Chosen
from devora_admin.projects.forms.deletion import DeleteForm
from devora_admin.projects.forms.listing import ListForm
from devora_admin.projects.queries.asked import resolve
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.services import deletion
from devora_admin.shell import dialogs
from devora_admin.shell.dialogs import Dialog
from devora_admin.shell.listing.forms import checked
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can


@staff_can("projects.delete")
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """States how many it is about; writes nothing."""
    picked: dict[str, Any] = {"ids": [each for each in request.POST.getlist("id") if _is_id(each)]}
    if request.POST.get("scope") == "matching":
        picked = {"filters": request.POST.get("filters", "")}
    number = deletion.count(_chosen(picked))
    form = DeleteForm(request=request, initial={"chosen": json.dumps(picked), "number": number})
    return _drawn(request, form, number)


@staff_can("projects.delete")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    form = DeleteForm(request.POST, request=request)
    if not form.is_valid():
        return _drawn(request, form, form.cleaned_data.get("number", 0), status=422)
    data = form.cleaned_data
    try:
        chosen = _chosen(data["chosen"])
        asked = deletion.Asked(chosen, data["number"], data["typed"], data["reason"])
        deletion.ask(asked, actor=audit.actor_of(request))
    except (InvalidInput, Conflict) as error:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, error.message)
        return _drawn(request, form, data["number"], status=error.status)
    return toast(redirect(request, "projects:list"), "A second person is asked")


def _is_id(text: str) -> bool:
    return bool(text) and "\0" not in text


def _chosen(picked: dict[str, Any]) -> Chosen[Filters]:
    filters = picked.get("filters")
    if filters is None:
        return Chosen(tuple(picked["ids"]))
    form = ListForm(QueryDict(filters.removeprefix("?")))
    checked(form)
    return Chosen(filters=resolve(form.listing()).listing.filters)


def _drawn(
    request: HttpRequest, form: DeleteForm, number: int, *, status: int = 200
) -> HttpResponse:
    dialog = Dialog(
        f"Delete {number:,} project{'' if number == 1 else 's'} for good?",
        "Ask for approval",
        reverse("projects:list"),
        intro="Files, metadata and conversations are deleted. It begins when a second person has "
        "approved it, and cannot be undone. What is restored or changed until then stays.",
        tone="danger",
    )
    part = ("#form" if status != 200 else "#dialog") if is_htmx(request) else ""
    context = {"dialog": dialog, "form": form, "action_url": reverse("projects:delete")}
    return render(request, dialogs.TEMPLATE + part, context, status=status)
