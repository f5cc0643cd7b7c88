"""A project's metadata: the tree, and a form for each way to change it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from devora_admin.core.values.edits import Plan
from devora_admin.projects.queries import metadata as queries
from devora_admin.projects.services import metadata as services
from devora_admin.projects.views.tabs import page_context
from devora_admin.shell import tree
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can


@staff_can("projects.view")
@require_safe
def metadata(request: HttpRequest, project_id: str) -> HttpResponse:
    page = queries.metadata_page(project_id, path=tree.place(request), first=tree.first(request))
    context = page_context(request, page.header, "metadata")
    context |= {"tree": page.tree, "page_url": reverse("projects:metadata", args=[project_id])}
    return render(request, "projects/metadata.html", context)


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def set_value(request: HttpRequest, project_id: str) -> HttpResponse:
    return tree.set_value(request, _editor(request, project_id))


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def add_value(request: HttpRequest, project_id: str) -> HttpResponse:
    return tree.add_value(request, _editor(request, project_id))


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def rename_key(request: HttpRequest, project_id: str) -> HttpResponse:
    return tree.rename_key(request, _editor(request, project_id))


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def remove_value(request: HttpRequest, project_id: str) -> HttpResponse:
    return tree.remove_value(request, _editor(request, project_id))


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def edit_json(request: HttpRequest, project_id: str) -> HttpResponse:
    return tree.edit_json(request, _editor(request, project_id))


def _editor(request: HttpRequest, project_id: str) -> tree.TreeEditor:
    def write(plan: Plan, verb: str) -> None:
        services.change(project_id, plan, verb, actor=audit.actor_of(request))

    return tree.TreeEditor(
        name=queries.NAME,
        back_url=reverse("projects:metadata", args=[project_id]),
        read=lambda: queries.metadata(project_id),
        write=write,
    )
