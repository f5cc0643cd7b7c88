"""How the worker follows what changes in MongoDB, and what it could not handle."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.errors import NotFound
from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.worker import services
from devora_admin.worker.queries import following, jobs, letters


@require_safe
@staff_can("worker.view")
def overview(request: HttpRequest) -> HttpResponse:
    cursor = request.GET.get("cursor", "")
    context = {
        "standings": following.standings(),
        "page": letters.letters_page(cursor),
        "cursor": cursor,
        "jobs": jobs.unfinished(),
        "can_see_jobs": allowed(request, "jobs.view"),
    }
    return render(
        request, "worker/following.html" + ("#worker" if is_htmx(request) else ""), context
    )


@require_safe
@staff_can("worker.view")
def letter(request: HttpRequest, letter_id: str) -> HttpResponse:
    context = {
        "letter": letters.letter(_id(letter_id)),
        "may_manage": allowed(request, "worker.manage"),
    }
    return render(request, "worker/letter.html", context)


@require_POST
@staff_can("worker.manage")
def retry(request: HttpRequest, letter_id: str) -> HttpResponse:
    services.retry_letter(_id(letter_id), actor=audit.actor_of(request))
    return toast(redirect(request, "worker:overview"), "It is being tried again")


@require_POST
@staff_can("worker.manage")
def discard(request: HttpRequest, letter_id: str) -> HttpResponse:
    services.discard_letter(_id(letter_id), actor=audit.actor_of(request))
    return toast(redirect(request, "worker:overview"), "Discarded")


def _id(letter_id: str) -> str:
    if "\0" in letter_id or len(letter_id) > 100:
        raise NotFound("dead letter", letter_id)
    return letter_id
