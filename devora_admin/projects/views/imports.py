"""New projects from a zip, and the report of what was taken."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from devora_admin.core.errors import DomainError, InvalidInput, TooLarge
from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.projects.forms.imports import ImportForm
from devora_admin.projects.queries.imports import import_report
from devora_admin.projects.services import imports
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can


@staff_can("projects.create")
@require_http_methods(["GET", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        form = ImportForm(initial={"customer": request.GET.get("user", "")})
        return render(request, "projects/new.html", {"form": form})
    form = ImportForm(request.POST, request.FILES)
    project_id = _import(form, actor=audit.actor_of(request)) if form.is_valid() else ""
    if not project_id:
        template = "projects/new.html#form" if is_htmx(request) else "projects/new.html"
        return render(request, template, {"form": form}, status=422)
    return toast(redirect(request, "projects:import_report", project_id), "Project imported")


def _import(form: ImportForm, *, actor: audit.Actor) -> str:
    """The new project's id, or "" with the reason put at its field."""
    data = form.cleaned_data
    upload = data["archive"]
    try:
        return imports.import_zip(
            upload, user_id=data["user_id"], name=data["name"], source=upload.name,
            project_type=data["project_type"], actor=actor,
        )  # fmt: skip
    except (InvalidInput, TooLarge) as error:
        form.add_error(_field(error), error.message)
        return ""


def _field(error: DomainError) -> str:
    field = getattr(error, "field", "")
    if field == "user_id":
        return "customer"
    return field if field in ImportForm.base_fields else "archive"


@staff_can("projects.view")
@require_safe
def report(request: HttpRequest, project_id: str) -> HttpResponse:
    return render(request, "projects/import_report.html", {"report": import_report(project_id)})
