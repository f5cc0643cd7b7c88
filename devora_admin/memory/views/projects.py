"""What memory adds to a project's page, loaded after it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.queries.similar import SimilarProject, similar_projects
from devora_admin.memory.views.away import NotNow, says_so_already
from devora_admin.projects.queries.detail import project_header
from devora_admin.projects.queries.names import names
from devora_admin.projects.views.tabs import page_context
from devora_admin.staff.permissions import staff_can

SHOWN = 6


@require_safe
@staff_can("memory.view")
def similar(request: HttpRequest, project_id: str) -> HttpResponse:
    found: tuple[SimilarProject, ...] = ()
    problem: NotNow | None = None
    try:
        found = similar_projects(project_id, limit=SHOWN)
    except (MemoryUnavailable, MemoryTooSlow) as error:
        problem = error
    if nothing_new := says_so_already(request, problem):
        return nothing_new
    called = names((each.project_id for each in found), (each.user_id for each in found))
    context = {
        "problem": problem,
        # One that is gone since is not shown.
        "similar": [
            (each, called.projects[each.project_id], called.customers.get(each.user_id))
            for each in found
            if each.project_id in called.projects
        ],
    }
    if is_htmx(request):
        return render(request, "memory/similar.html#part", context)
    context |= page_context(request, project_header(project_id), "detail")
    return render(request, "memory/similar.html", context)
