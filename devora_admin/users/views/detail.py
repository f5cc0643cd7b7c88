"""The page of one customer: everything support needs to see, on one load."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.errors import NotFound
from devora_admin.core.http import is_htmx
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.users import queries
from devora_admin.users.frame import page_context
from devora_admin.users.queries.panels import panel_contents
from devora_admin.users.views import erasing
from devora_admin.users.views.timeline import SHORT, timeline_context


@staff_can("users.view")
@require_safe
def detail(request: HttpRequest, user_id: str) -> HttpResponse:
    if is_htmx(request):  # another filter or page of the timeline
        part = timeline_context(request, user_id, size=SHORT)
        return render(request, "users/timeline_part.html", part)
    try:
        customer = queries.customer_profile(user_id)
    except NotFound as error:
        return erasing.gone(request, user_id, error)
    context = page_context(request, customer, "overview")
    context |= timeline_context(request, user_id, size=SHORT)
    context["panels"] = panel_contents(user_id, lambda permission: allowed(request, permission))
    return render(request, "users/detail.html", context)
