"""The issues of one project, which its page loads after itself."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx, redirect_to
from devora_admin.shell.listing.forms import changed
from devora_admin.staff.permissions import staff_can
from devora_admin.support.queries.latest import of_project


@require_safe
@staff_can("issues.view")
def of_a_project(request: HttpRequest, project_id: str) -> HttpResponse:
    """Without htmx, the list of them."""
    if not is_htmx(request):
        url = reverse("support:list") + changed(QueryDict(), project=project_id)
        return redirect_to(request, url)
    context = {"project_id": project_id, "panel": of_project(project_id)}
    return render(request, "support/project_issues.html", context)
