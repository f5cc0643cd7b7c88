"""Where a decision was made: what is shown again once it is carried out, or undone."""

from django.http import HttpRequest
from django.urls import reverse

from devora_admin.core.http import current_page, is_htmx, safe_next


def page_before(request: HttpRequest, user_id: str) -> str:
    """With its filters: the page around a fragment, else what its form or link names as `next`."""
    named = request.POST.get("next") or request.GET.get("next", "")
    given = current_page(request) if is_htmx(request) else named
    return safe_next(request, given, default=reverse("memory:customer", args=[user_id]))
