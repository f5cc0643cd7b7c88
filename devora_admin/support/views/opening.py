"""A new issue, opened for a customer who told us something."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from devora_admin.core.errors import Conflict, InvalidInput, TooLarge
from devora_admin.core.http import redirect, toast
from devora_admin.projects.queries.names import projects_of
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.support.forms.issue import NewIssueForm
from devora_admin.support.queries.attachments import Attachment
from devora_admin.support.queries.issue import Pinned
from devora_admin.support.services.opening import NewIssue, open_issue
from devora_admin.support.views.files import kept_with, named_in
from devora_admin.users.queries.owners import Owner, find_owner

_FIELDS = {"customer_id": "customer", "project_id": "project", "pinned.version": "version",
           "pinned.turn": "turn"}  # fmt: skip
"""Where the form asks for what a service refuses."""


@staff_can("issues.work")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """customer and project: what it is about, when one comes from their pages."""
    given = (request.POST or request.GET).get("customer", "")[:254].strip()
    owner = find_owner(given) if given and "\0" not in given else None
    files: list[Attachment] = []
    if request.method == "GET":
        first = {"customer": given, "project": request.GET.get("project", "")}
        return _page(request, _form(owner, initial=first), owner, files)
    form = _form(owner, request.POST)
    files += named_in(request)
    if given and owner is None:
        form.add_error("customer", "There is no customer with this id or e-mail address.")
    try:
        kept_with(request, files)
        if form.is_valid() and owner is not None:
            return _opened(request, _wanted(form, owner, files))
    except (InvalidInput, Conflict, TooLarge) as error:
        name = _FIELDS.get(getattr(error, "field", ""), getattr(error, "field", ""))
        form.add_error(name if name in form.fields else None, error.message)
    return _page(request, form, owner, files, status=422)


@require_safe
@staff_can("issues.work")
def projects(request: HttpRequest) -> HttpResponse:
    """The field of the project, once the customer is known."""
    given = request.GET.get("customer", "")[:254].strip()
    owner = find_owner(given) if given and "\0" not in given else None
    form = _form(owner, initial={"project": request.GET.get("project", "")})
    return render(request, "support/new_project.html", {"form": form, "owner": owner})


def _form(owner: Owner | None, *args: Any, **kwargs: Any) -> NewIssueForm:
    found = projects_of(owner.id) if owner else []
    return NewIssueForm(*args, projects=[(each.id, each.name) for each in found], **kwargs)


def _wanted(form: NewIssueForm, owner: Owner, files: list[Attachment]) -> NewIssue:
    data = form.cleaned_data
    turn = data["turn"] - 1 if data["turn"] else None
    return NewIssue(
        user_id=owner.id,
        subject=data["subject"],
        text=data["text"],
        project_id=data["project"],
        pinned=Pinned(version=data["version"], turn=turn),
        priority=data["priority"],
        assignee_id=data["assignee_id"],
        tags=data["tags"].split(","),
        attachment_ids=[file.id for file in files],
    )


def _opened(request: HttpRequest, wanted: NewIssue) -> HttpResponse:
    opened = open_issue(wanted, actor=audit.actor_of(request))
    response = redirect(request, "support:detail", opened.number)
    return toast(response, f"Issue #{opened.number} is open")


def _page(
    request: HttpRequest,
    form: NewIssueForm,
    owner: Owner | None,
    files: list[Attachment],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "owner": owner, "files": files}
    return render(request, "support/new.html", context, status=status)
