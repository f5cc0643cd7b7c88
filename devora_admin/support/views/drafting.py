"""Keeping what somebody has begun to write, file by file and as they type."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from devora_admin.core.errors import Conflict, DomainError, InvalidInput, TooLarge
from devora_admin.core.http import is_htmx, redirect, redirect_to, toast
from devora_admin.staff import audit
from devora_admin.staff.permissions import background, staff_can
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.services import attaching, drafts
from devora_admin.support.views.page import begun, goes_on, number_in


@require_POST
@staff_can("issues.work")
@background
def save(request: HttpRequest, number: int) -> HttpResponse:
    """For a script: {revision}, or 409 with what another tab kept."""
    post = request.POST
    try:
        revision = drafts.save(
            number,
            post.get("kind", ""),
            post.get("text", ""),
            seen=number_in(request, "draft", default=0),
            attachment_ids=post.getlist("attachment_id"),
            actor=audit.actor_of(request),
        )
    except Conflict as error:
        answer = {"message": error.message, **error.detail}
        return JsonResponse(answer, status=error.status)
    return JsonResponse({"revision": revision})


@require_POST
@staff_can("issues.work")
def discard(request: HttpRequest, number: int) -> HttpResponse:
    kind, seen = request.POST.get("kind", ""), number_in(request, "draft", default=0)
    revision = drafts.discard(number, kind, seen=seen, actor=audit.actor_of(request))
    back = reverse("support:draft_restore", args=[number])
    undo_url = f"{back}?{urlencode([('kind', kind), ('draft', str(revision))])}"
    if is_htmx(request):
        return toast(_form(request, number, kind), "Draft discarded", undo_url=undo_url)
    return toast(redirect(request, "support:detail", number), "Draft discarded", undo_url=undo_url)


@require_POST
@staff_can("issues.work")
def restore(request: HttpRequest, number: int) -> HttpResponse:
    """What undoing a discard asks for: kind and draft are in the address."""
    kind, seen = request.GET.get("kind", ""), request.GET.get("draft", "")
    if not (seen.isascii() and seen.isdecimal()) or len(seen) > 9:
        raise InvalidInput("This page is out of date. Load it again.", field="draft")
    drafts.restore(number, kind, seen=int(seen), actor=audit.actor_of(request))
    url = f"{reverse('support:detail', args=[number])}?{urlencode({'kind': kind})}"
    return redirect_to(request, url)


@require_POST
@staff_can("issues.work")
def upload(request: HttpRequest) -> HttpResponse:
    """One file, kept at once: what shows it, or why it cannot be attached."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise InvalidInput("Choose a file.", field="file")
        content = file.read(attaching.MAX_BYTES + 1)
        actor = audit.actor_of(request)
        kept = attaching.keep_file(file.name or "", file.content_type or "", content, actor=actor)
    except (InvalidInput, TooLarge, Conflict) as error:
        return _chip(request, error)
    return render(request, "support/chip.html", {"file": kept})


@require_POST
@staff_can("issues.work")
def remove_file(request: HttpRequest, attachment_id: str) -> HttpResponse:
    attaching.discard(attachment_id, actor=audit.actor_of(request))
    return HttpResponse(status=204)


def _chip(request: HttpRequest, error: DomainError) -> HttpResponse:
    return render(request, "support/chip.html", {"error": error.message}, status=error.status)


def _form(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    issue = read_issue(number)
    context = {"issue": issue, "composer": begun(request, issue, kind), "goes_on": goes_on(request)}
    return render(request, "support/composer.html", context)
