"""What is fetched beside an issue: its project then and now, and issues like it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx
from devora_admin.shell.templatetags.shell import address
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.support.cause import url_of
from devora_admin.support.context.project import ProjectThen, project_then
from devora_admin.support.context.similar import similar as find_similar
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.views.parts import drawn
from devora_admin.versions import diff_html
from devora_admin.versions.queries.compare import NOW
from devora_admin.versions.views.differences import Look

FILES_SHOWN = 12


@require_safe
@staff_can("issues.view")
def project(request: HttpRequest, number: int) -> HttpResponse:
    issue = read_issue(number)
    found = project_then(issue)
    context: dict[str, Any] = {"project": found}
    if found is not None:
        context |= _addresses(found, number, may_edit=allowed(request, "projects.edit"))
        context |= _files(found) if context.get("files_url") else {}
    return drawn(request, issue, "Project", "support/context_project.html", context)


def _addresses(found: ProjectThen, number: int, *, may_edit: bool) -> dict[str, Any]:
    """None for an id that no address can hold. may_edit: what is changed from here is done for the
    issue, and says so."""
    files_url = address("projects:detail", found.id)
    if not files_url:
        return {}
    cause = f"?{urlencode({'issue': number})}" if may_edit else ""
    at_turn = f"?{urlencode({'turn': found.turn + 1})}" if found.turn is not None else ""
    context = {
        "files_url": files_url,
        "editor_url": reverse("projects:edit", args=[found.id]) + cause,
        "replay_url": reverse("versions:replay", args=[found.id]) + at_turn,
    }
    if found.found is not None and found.compared is not None:
        at = [found.id, found.compared]
        context["version_url"] = reverse("versions:version", args=at)
        if may_edit and not found.found.is_same and not found.is_archived:
            context["restore_url"] = reverse("versions:restore", args=at) + cause
    return context


def _files(found: ProjectThen) -> dict[str, Any]:
    if found.found is None or found.compared is None:
        return {}
    look = Look(found.id, found.compared, NOW)
    changes = found.found.changes
    names = diff_html.names_html(
        (each, look.address(file=each.path, was=each.from_path)) for each in changes[:FILES_SHOWN]
    )
    hidden = max(0, len(changes) - FILES_SHOWN)
    return {"names": names, "hidden": hidden, "compare_url": look.address()}


@require_safe
@staff_can("issues.view")
def similar(request: HttpRequest, number: int) -> HttpResponse:
    issue = read_issue(number)
    found = find_similar(issue)
    rows = [(each, url_of(str(each.number))) for each in found.rows]
    context = {
        "similar": found,
        "again_url": reverse("support:similar", args=[number]),
        "rows": rows,
        "may_reply": allowed(request, "issues.work") and is_htmx(request),
    }
    return drawn(request, issue, "Solved before", "support/context_similar.html", context)
