from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.projects.queries.overview import overview
from devora_admin.staff.permissions import staff_can


@staff_can("overview.view")
@require_safe
def overview_page(request: HttpRequest) -> HttpResponse:
    page = overview(actor_id=str(request.user.pk))
    return render(request, "projects/overview.html", {"page": page})
