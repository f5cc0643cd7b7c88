"""Suggestions for a field that names a project."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.projects.queries.names import names, suggest_projects
from devora_admin.staff.permissions import staff_can

_LONGEST = 200


@require_safe
@staff_can("projects.view")
def suggest(request: HttpRequest) -> HttpResponse:
    """For the datalist of a field."""
    found = suggest_projects(request.GET.get("project", "")[:_LONGEST])
    owners = names((), [each.user_id for each in found]).customers
    context = {"found": [(each, owners.get(each.user_id)) for each in found]}
    return render(request, "projects/suggestion_options.html", context)
