"""How memory stands: what is in it, whose vectors, what waits, and what to do about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx
from devora_admin.memory import embedding
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.queries import remaking, status, waiting
from devora_admin.memory.queries.status import Stored
from devora_admin.memory.views.frame import page_context
from devora_admin.memory.wording import KINDS
from devora_admin.projects.queries.names import names
from devora_admin.staff.permissions import allowed, staff_can


@require_safe
@staff_can("memory.view")
def page(request: HttpRequest) -> HttpResponse:
    queued = waiting.waiting()
    context: dict[str, Any] = {
        "standing": embedding.standing(),
        "waiting": queued,
        "dead": waiting.dead() if queued.dead else (),
        "check": remaking.last_check(),
        "rebuilding": remaking.rebuilding(queued),
        "may_manage": allowed(request, "memory.manage"),
        "may_see_worker": allowed(request, "worker.view"),
        **_stored(),
    }
    template = "memory/status.html" + ("#status" if is_htmx(request) else "")
    return render(request, template, context | page_context("status"))


def _stored() -> dict[str, Any]:
    """What PostgreSQL tells, or why it does not."""
    try:
        stored = status.stored()
    except (MemoryUnavailable, MemoryTooSlow) as error:
        return {"stored": None, "problem": error.message}
    return {"stored": stored, "reembedding": remaking.reembedding(stored), **_parts(stored)}


def _parts(stored: Stored) -> dict[str, Any]:
    owners = names((), [each.name for each in stored.customers]).customers
    return {
        "kinds": [(KINDS.get(each.name, each.name), each) for each in stored.kinds],
        "customers": [(owners.get(each.name), each) for each in stored.customers],
    }
