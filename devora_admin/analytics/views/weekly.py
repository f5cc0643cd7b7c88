"""The weekly summary: how it looks, and whether one gets it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from devora_admin.analytics.rollups.state import state
from devora_admin.analytics.views import frame
from devora_admin.analytics.weekly import subscribing
from devora_admin.analytics.weekly.mailing import monday_now
from devora_admin.analytics.weekly.summary import summary
from devora_admin.core.http import redirect, toast
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can

_PAGE = "analytics:weekly"


@require_safe
@staff_can("analytics.view")
def shown(request: HttpRequest) -> HttpResponse:
    """As it is sent, of last week."""
    known = state()
    context = {
        "week": summary(monday_now(known), known),
        "zone": known.zone_name,
        "is_subscribed": subscribing.is_subscribed(audit.actor_of(request).id),
        "tabs": frame.tabs_of("analytics:alerts"),
    }
    return render(request, "analytics/weekly/page.html", context)


@require_POST
@staff_can("analytics.view")
def subscribe(request: HttpRequest) -> HttpResponse:
    subscribing.subscribe(audit.actor_of(request))
    return toast(redirect(request, _PAGE), "You get it from next Monday on.")


@require_POST
@staff_can("analytics.view")
def unsubscribe(request: HttpRequest) -> HttpResponse:
    subscribing.unsubscribe(audit.actor_of(request))
    return toast(redirect(request, _PAGE), "You do not get it any more.")
