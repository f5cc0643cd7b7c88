"""Somebody else was sooner: what is shown is brought up to date with the refusal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from devora_admin.core.errors import DomainError
from devora_admin.core.http import is_htmx, toast


def refused(
    request: HttpRequest, refusal: DomainError, shown: Callable[[], HttpResponse]
) -> HttpResponse:
    """shown: as it is now, in place of what htmx asked from. Elsewhere the refusal is a page."""
    if not is_htmx(request):
        raise refusal
    response = shown()
    response.status_code = refusal.status
    return toast(response, refusal.message, level="warning")
