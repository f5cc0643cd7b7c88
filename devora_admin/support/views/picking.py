"""Canned replies as they read for one issue, offered while a reply is written."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx, wants_json
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.support import variables
from devora_admin.support.queries import canned, facts
from devora_admin.support.queries.issue import issue


@require_safe
@staff_can("issues.work")
def pick(request: HttpRequest, number: int) -> HttpResponse:
    """The dialog; a search within it asks for its list alone."""
    found, words = issue(number), request.GET.get("q", "")[:200]
    rows = canned.found_for(audit.actor_of(request).id, words, found.tags)
    part = ""
    if is_htmx(request):
        part = "#list" if "q" in request.GET else "#dialog"
    context = {"number": number, "rows": rows, "q": words}
    return render(request, f"support/canned_pick.html{part}", context)


@require_safe
@staff_can("issues.work")
def rendered(request: HttpRequest, number: int, canned_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    found = canned.one(canned_id, actor.id)
    filled = variables.fill(found.text, facts.values_for(issue(number), actor.label))
    if wants_json(request):
        return JsonResponse({"text": filled.text})
    context = {"number": number, "canned": found, "filled": filled}
    part = "#shown" if is_htmx(request) else ""
    return render(request, f"support/canned_shown.html{part}", context)


@require_safe
@staff_can("issues.work")
def words(request: HttpRequest, number: int) -> JsonResponse:
    """Where the text of each word is, for what is typed."""
    found = canned.words_of(audit.actor_of(request).id)
    address = {
        word: reverse("support:canned_rendered", args=[number, key]) for word, key in found.items()
    }
    return JsonResponse({"words": address})
