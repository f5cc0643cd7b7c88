"""How memory stands: what is in it, whose vectors, what waits, and what to do about it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx
from devora_admin.memory import embedding
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.queries import status, waiting
from devora_admin.memory.queries.status import Stored
from devora_admin.memory.views.frame import page_context
from devora_admin.projects.queries.names import names
from devora_admin.staff.permissions import allowed, staff_can

KINDS = {
    "code": "Code",
    "project": "Projects",
    "message": "Conversations",
    "note": "Told through the API",
    "issue": "Issues",
}


@require_safe
@staff_can("memory.view")
def page(request: HttpRequest) -> HttpResponse:
    stored, problem = _stored()
    part = status_parts(stored) if stored else {}
    context = {
        "standing": embedding.standing(),
        "stored": stored,
        "problem": problem,
        "waiting": waiting.waiting(),
        "may_manage": allowed(request, "memory.manage"),
        "may_see_worker": allowed(request, "worker.view"),
        **part,
    }
    template = "memory/status.html" + ("#status" if is_htmx(request) else "")
    return render(request, template, context | page_context("status"))


def _stored() -> tuple[Stored | None, str]:
    try:
        return status.stored(), ""
    except (MemoryUnavailable, MemoryTooSlow) as error:
        return None, error.message


def status_parts(stored: Stored) -> dict[str, object]:
    owners = names((), [each.name for each in stored.customers]).customers
    return {
        "kinds": [(KINDS.get(each.name, each.name), each) for each in stored.kinds],
        "customers": [(owners.get(each.name), each) for each in stored.customers],
    }
