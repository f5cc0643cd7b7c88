"""Merging two accounts: choosing, looking at what it would do, doing it, taking it back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.http import redirect, toast
from devora_admin.shell.dialogs import posted
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries
from devora_admin.users.editable import editable
from devora_admin.users.forms.merge import MergeForm, OtherForm
from devora_admin.users.merging import records, switch
from devora_admin.users.merging.preview import left_behind, preview


@staff_can("users.merge")
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, user_id: str) -> HttpResponse:
    """user_id: the account that stays. user_id or customer in the address: the other one."""
    context: dict[str, Any] = {"customer": editable(user_id), "merges": _merges(user_id)}
    other = OtherForm(request.GET or None)
    context["other"] = other
    try:
        absorbed_id = _other_id(other)
        if not absorbed_id:
            return render(request, "users/merge.html", context)
        found = preview(user_id, absorbed_id)
    except (Conflict, InvalidInput, NotFound) as error:
        context["problem"] = error.message
        return render(request, "users/merge.html", context, status=error.status)
    form = MergeForm(posted(request), initial={"mark": found.mark})
    if request.method == "POST" and form.is_valid():
        try:
            return _start(request, user_id, absorbed_id, form, form.choices(found))
        except (Conflict, InvalidInput) as error:
            form.add_error("reason" if isinstance(error, InvalidInput) else None, error.message)
    status = 422 if form.errors else 200
    return render(
        request, "users/merge.html", {**context, "preview": found, "form": form}, status=status
    )


def _start(
    request: HttpRequest, kept_id: str, absorbed_id: str, form: MergeForm, choices: switch.Choices
) -> HttpResponse:
    started = switch.merge_customers(
        kept_id,
        absorbed_id,
        choices=choices,
        mark=form.cleaned_data["mark"],
        reason=form.cleaned_data["reason"],
        actor=audit.actor_of(request),
    )
    response = redirect(request, "jobs:detail", started.job_id)
    return toast(response, "The accounts are merged", undo_url=undo.url(started.row_id))


@staff_can("users.merge")
@require_POST
def undo_merge(request: HttpRequest, user_id: str, merge_id: str) -> HttpResponse:
    undo.perform(records.find(merge_id).row_id, actor=audit.actor_of(request))
    response = redirect(request, "jobs:detail", records.find(merge_id).job_id)
    return toast(response, "The accounts are two again")


@staff_can("users.merge")
@require_POST
def go_on(request: HttpRequest, user_id: str, merge_id: str) -> HttpResponse:
    job_id = switch.go_on(merge_id, actor=audit.actor_of(request))
    return redirect(request, "jobs:detail", job_id)


def _other_id(form: OtherForm) -> str:
    if not form.is_bound or not form.is_valid():
        return ""
    given = form.cleaned_data["user_id"] or form.cleaned_data["customer"]
    if not given:
        return ""
    owner = queries.find_owner(given)
    if owner is None:
        raise InvalidInput("There is no customer with this id or e-mail address.")
    return owner.id


def _merges(user_id: str) -> list[dict[str, Any]]:
    return [
        {
            "merge": each,
            "left": left_behind(each.absorbed_id) if each.state == "done" else 0,
            "undo_url": reverse("users:merge_undo", args=[user_id, each.id]),
            "go_on_url": reverse("users:merge_go_on", args=[user_id, each.id]),
            "job_url": reverse("jobs:detail", args=[each.job_id]),
        }
        for each in records.of_customer(user_id)
    ]
