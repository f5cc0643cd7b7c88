"""Having vectors or all of memory made anew, and what could not be indexed tried again."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import redirect, toast
from devora_admin.memory.services import remaking, set_aside
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can

_LONGEST_ORIGIN = 2000


@require_POST
@staff_can("memory.manage")
def reembed(request: HttpRequest) -> HttpResponse:
    said = remaking.reembed(actor=audit.actor_of(request))
    return toast(redirect(request, "memory:status"), said)


@require_POST
@staff_can("memory.manage")
def rebuild(request: HttpRequest) -> HttpResponse:
    remaking.rebuild(actor=audit.actor_of(request))
    return toast(redirect(request, "memory:status"), "Memory is being made anew")


@require_POST
@staff_can("memory.manage")
def retry(request: HttpRequest) -> HttpResponse:
    set_aside.retry_document(_origin(request), actor=audit.actor_of(request))
    return toast(redirect(request, "memory:status"), "It is being tried again")


@require_POST
@staff_can("memory.manage")
def discard(request: HttpRequest) -> HttpResponse:
    set_aside.discard_document(_origin(request), actor=audit.actor_of(request))
    return toast(redirect(request, "memory:status"), "Given up until it changes")


def _origin(request: HttpRequest) -> str:
    given: str = request.POST.get("origin", "")
    if not given or len(given) > _LONGEST_ORIGIN or "\0" in given:
        raise InvalidInput("Choose a document of the list.", field="origin")
    return given
