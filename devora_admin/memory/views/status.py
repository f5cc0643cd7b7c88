"""How memory stands: what is in it, whose vectors, what waits, and what to do about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx
from devora_admin.memory import embedding
from devora_admin.memory.embedding import Standing
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.queries import remaking, status, waiting
from devora_admin.memory.queries.status import Stored
from devora_admin.memory.views.frame import page_context
from devora_admin.memory.wording import KINDS
from devora_admin.projects.queries.names import names
from devora_admin.staff.permissions import allowed, staff_can

_ANEW = (
    "Everything gets vectors of the model that is configured now. Search goes on with the old ones"
    " until all are there."
)


@require_safe
@staff_can("memory.view")
def page(request: HttpRequest) -> HttpResponse:
    queued = waiting.waiting()
    standing, told = embedding.standing(), _stored()
    context: dict[str, Any] = {
        "standing": standing,
        "waiting": queued,
        "dead": waiting.dead() if queued.dead else (),
        "check": remaking.last_check(),
        "rebuilding": remaking.rebuilding(queued),
        "may_manage": allowed(request, "memory.manage"),
        "is_part": is_htmx(request),
        "may_see_worker": allowed(request, "worker.view"),
        "reembed": _reembed(standing, told["stored"]),
        **told,
    }
    template = "memory/status.html" + ("#status" if is_htmx(request) else "")
    return render(request, template, context | page_context("status"))


def _stored() -> dict[str, Any]:
    """What PostgreSQL tells, or why it does not."""
    try:
        stored = status.stored()
    except (MemoryUnavailable, MemoryTooSlow) as error:
        return {"stored": None, "problem": error}
    return {"stored": stored, "reembedding": remaking.reembedding(stored), **_parts(stored)}


def _parts(stored: Stored) -> dict[str, Any]:
    owners = names((), [each.name for each in stored.customers]).customers
    return {
        "kinds": [(KINDS.get(each.name, each.name), each) for each in stored.kinds],
        "customers": [(owners.get(each.name), each) for each in stored.customers],
    }


def _reembed(standing: Standing, stored: Stored | None) -> dict[str, str]:
    """What asking for vectors would do, before anybody does."""
    active = stored.active if stored else None
    if active is None or (active.name, active.revision) != (standing.name, standing.revision):
        return {"label": "Make vectors anew", "message": _ANEW}
    waiting = (
        f"{stored.tasks:,} wait for one" if stored and stored.tasks else "nothing waits for one"
    )
    message = (
        f"{standing.name}, revision {standing.revision}, made the vectors that are there. It would"
        " make the same again, so they stay. What has none gets one, and what failed is tried"
        f" again; {waiting} now."
    )
    return {"label": "Make missing vectors", "message": message}
