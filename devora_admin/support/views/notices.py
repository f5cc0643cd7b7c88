"""What somebody was told of promises."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx, redirect
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.support.queries.issue import is_number
from devora_admin.support.sla import notices as queries


@require_safe
@staff_can("issues.view")
def notices(request: HttpRequest) -> HttpResponse:
    return _drawn(request)


@require_POST
@staff_can("issues.view")
def mark_seen(request: HttpRequest) -> HttpResponse:
    """All that was on the page, or what is about one issue of it."""
    queries.mark_seen(
        audit.actor_of(request).id, until=request.POST.get("until", ""), number=_number(request)
    )
    return _drawn(request) if is_htmx(request) else redirect(request, "support:notices")


def _drawn(request: HttpRequest) -> HttpResponse:
    template = "support/notices_page.html" + ("#notices" if is_htmx(request) else "")
    return render(request, template, {"notices": queries.unseen(audit.actor_of(request).id)})


def _number(request: HttpRequest) -> int | None:
    given = request.POST.get("number", "")
    if not given:
        return None
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 17 else 0
    if not is_number(number):
        raise InvalidInput("Choose an issue of the list.", field="number")
    return number
