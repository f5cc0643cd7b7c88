"""Events that could not be counted, and why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.analytics.queries import quarantine
from devora_admin.analytics.views.frame import tabs_of
from devora_admin.staff.permissions import staff_can


@require_safe
@staff_can("analytics.view")
def held(request: HttpRequest) -> HttpResponse:
    cursor = request.GET.get("cursor", "")
    context = {
        "page": quarantine.held_page(cursor),
        "tabs": tabs_of("analytics:quarantine"),
        "cursor": cursor,
        "most_counted": quarantine.MOST_COUNTED,
    }
    return render(request, "analytics/quarantine.html", context)
