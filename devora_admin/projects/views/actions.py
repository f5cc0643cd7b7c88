"""What can be done to a project as a whole: one address for each."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import redirect, toast
from devora_admin.projects.forms.actions import DescribeForm, RenameForm, TransferForm
from devora_admin.projects.queries.detail import project_header
from devora_admin.projects.services import lifecycle
from devora_admin.projects.views.dialogs import project_dialog
from devora_admin.shell.dialogs import answer
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries as customers


def _unix(text: str) -> str:
    """A browser sends every line end as CR LF."""
    return text.replace("\r\n", "\n")


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, project_id: str) -> HttpResponse:
    if request.method == "GET":
        name = project_header(project_id).stored_name
        form = RenameForm(initial={"name": name, "expected": name})
    else:
        form = RenameForm(request.POST)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        lifecycle.rename(
            project_id,
            name=data["name"],
            expected=_unix(data["expected"]),
            actor=audit.actor_of(request),
        )
        return toast(redirect(request, "projects:detail", project_id), "Project renamed")

    return answer(request, project_dialog(project_id, "Rename project", "Rename"), form, save)


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def describe(request: HttpRequest, project_id: str) -> HttpResponse:
    if request.method == "GET":
        text = project_header(project_id).description
        form = DescribeForm(initial={"description": text, "expected": text})
    else:
        form = DescribeForm(request.POST)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        lifecycle.describe(
            project_id,
            description=_unix(data["description"]),
            expected=_unix(data["expected"]),
            actor=audit.actor_of(request),
        )
        return toast(redirect(request, "projects:detail", project_id), "Description changed")

    return answer(request, project_dialog(project_id, "Change description", "Save"), form, save)


@staff_can("projects.archive")
@require_POST
def archive(request: HttpRequest, project_id: str) -> HttpResponse:
    name = lifecycle.archive_project(project_id, actor=audit.actor_of(request))
    undo_url = reverse("projects:restore", args=[project_id])
    response = redirect(request, "projects:detail", project_id)
    return toast(response, f"“{name[:80]}” archived", undo_url=undo_url)


@staff_can("projects.archive")
@require_POST
def restore(request: HttpRequest, project_id: str) -> HttpResponse:
    name = lifecycle.restore_project(project_id, actor=audit.actor_of(request))
    return toast(redirect(request, "projects:detail", project_id), f"“{name[:80]}” restored")


@staff_can("projects.create")
@require_POST
def duplicate(request: HttpRequest, project_id: str) -> HttpResponse:
    copy_id = lifecycle.duplicate(project_id, actor=audit.actor_of(request))
    return toast(redirect(request, "projects:detail", copy_id), "This is the copy")


@staff_can("projects.transfer")
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, project_id: str) -> HttpResponse:
    header = project_header(project_id)
    form = TransferForm(request.POST) if request.method == "POST" else TransferForm()
    dialog = project_dialog(
        project_id,
        "Transfer project",
        "Transfer",
        intro="The project and its whole conversation move to another customer.",
        fields="projects/transfer_fields.html",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        user_id = data["user_id"] or _customer_id(data["customer"])
        lifecycle.transfer(project_id, user_id=user_id, actor=audit.actor_of(request))
        return toast(redirect(request, "projects:detail", project_id), "Project transferred")

    return answer(request, dialog, form, save, header=header)


def _customer_id(text: str) -> str:
    if "@" not in text:
        return text
    owner = customers.owner_with_email(text) or customers.owner_with_email(text.lower())
    if owner is None:
        raise InvalidInput("There is no customer with this e-mail address.", field="customer")
    return owner.id
