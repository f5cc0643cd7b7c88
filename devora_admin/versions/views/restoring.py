"""Putting a version back: what it would change, and doing it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from devora_admin.core.errors import Conflict, DomainError, InvalidInput, TooLarge
from devora_admin.core.http import redirect_to, toast
from devora_admin.projects.queries.detail import project_header
from devora_admin.projects.views.tabs import page_context
from devora_admin.staff import causes, undo
from devora_admin.staff.permissions import staff_can
from devora_admin.versions.queries.compare import NOW
from devora_admin.versions.queries.restore import Preview, preview
from devora_admin.versions.services import restoring as services
from devora_admin.versions.views import differences
from devora_admin.versions.views.differences import Look


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest, project_id: str, number: int) -> HttpResponse:
    """file: the path of the one file to put back; without it the whole project is."""
    path = differences.asked_path(request, "file")
    if request.method == "GET":
        return _drawn(request, project_id, number, path)
    seen, actor = request.POST.get("seen", ""), causes.actor_of(request)
    try:
        if path:
            done = services.restore_file(project_id, number, path, seen=seen, actor=actor)
        else:
            done = services.restore_version(project_id, number, seen=seen, actor=actor)
    except (Conflict, InvalidInput, TooLarge) as error:
        return _drawn(request, project_id, number, path, error)
    name = path.rpartition("/")[2][:80]
    what = f"“{name}” restored from version {number}" if path else f"Version {number} restored"
    address = reverse("projects:detail", args=[project_id])
    if path:
        address += f"?{urlencode({'file': path})}"
    back = causes.back(request, "")
    undo_url = undo.url(done.row_id, back=back)
    return toast(redirect_to(request, back or address), what, undo_url=undo_url)


def _drawn(
    request: HttpRequest, project_id: str, number: int, path: str, error: DomainError | None = None
) -> HttpResponse:
    found = preview(project_id, number, path)
    context = page_context(request, project_header(project_id), "history")
    context |= {"preview": found, "number": number, "path": path, "error": error}
    context |= {"cause": causes.of(request)}
    context |= _differences(request, found, Look(project_id, NOW, number))
    return render(request, "versions/restore.html", context, status=error.status if error else 200)


def _differences(request: HttpRequest, found: Preview, look: Look) -> dict[str, Any]:
    asked = differences.asked_look(request, look.project_id, old=look.old, new=look.new)
    live = found.found.old.now
    seen = live.mark if live else ""
    look = Look(look.project_id, look.old, look.new, asked.view, asked.ignore_space, seen)
    context: dict[str, Any] = {"look": look, "part": differences.part_of(found.found, look)}
    if found.found.contents and found.found.metadata_differs and not request.GET.get("file"):
        body = found.found.metadata(ignore_space=look.ignore_space)
        context["metadata_html"] = differences.body_alone(body, look)
    return context
