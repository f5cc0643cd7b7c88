"""Status, priority, assignee, tags and subject of an issue: one address for each."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import is_htmx, redirect, redirect_to, safe_next, toast
from devora_admin.shell.dialogs import Dialog, answer
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import staff_can
from devora_admin.support import states
from devora_admin.support.forms.issue import SubjectForm
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.services import fields, watching
from devora_admin.support.services.changing import Done
from devora_admin.support.views import page
from devora_admin.support.views.remembered import next_number


@require_POST
@staff_can("issues.work")
def status(request: HttpRequest, number: int) -> HttpResponse:
    wanted, actor = request.POST.get("status", ""), audit.actor_of(request)
    is_over = wanted == "resolved" and page.goes_on(request)
    following = next_number(request, number) if is_over else None
    return _changed(
        request,
        number,
        lambda seen: fields.set_status(number, wanted, seen=seen, actor=actor),
        f"#{number} is now: {states.STATUSES.get(wanted, '')}",
        following=following,
    )


@require_POST
@staff_can("issues.work")
def priority(request: HttpRequest, number: int) -> HttpResponse:
    wanted, actor = request.POST.get("priority", ""), audit.actor_of(request)
    return _changed(
        request,
        number,
        lambda seen: fields.set_priority(number, wanted, seen=seen, actor=actor),
        f"Priority set to {states.PRIORITIES.get(wanted, '').lower()}",
    )


@require_POST
@staff_can("issues.work")
def assignee(request: HttpRequest, number: int) -> HttpResponse:
    """assignee_id: "me" for who asks, "" for nobody."""
    actor, wanted = audit.actor_of(request), request.POST.get("assignee_id", "")
    wanted = actor.id if wanted == "me" else wanted
    return _changed(
        request,
        number,
        lambda seen: fields.set_assignee(number, wanted, seen=seen, actor=actor),
        "Assigned" if wanted else "Nobody is assigned now",
    )


@require_POST
@staff_can("issues.work")
def tags(request: HttpRequest, number: int) -> HttpResponse:
    """tags: separated by commas."""
    wanted, actor = request.POST.get("tags", "").split(","), audit.actor_of(request)
    return _changed(
        request,
        number,
        lambda seen: fields.set_tags(number, wanted, seen=seen, actor=actor),
        "Tags changed",
    )


@staff_can("issues.work")
@require_http_methods(["GET", "POST"])
def subject(request: HttpRequest, number: int) -> HttpResponse:
    issue = read_issue(number)
    dialog = Dialog("Change the subject", "Save", reverse("support:detail", args=[number]))
    posted = request.POST if request.method == "POST" else None
    form = SubjectForm(posted, initial={"subject": issue.subject, "seen": issue.revision})

    def save(data: Mapping[str, Any]) -> HttpResponse:
        actor = audit.actor_of(request)
        done = fields.set_subject(number, data["subject"], seen=data["seen"], actor=actor)
        response = redirect(request, "support:detail", number)
        return told(response, done, "Subject changed")

    return answer(request, dialog, form, save)


@require_POST
@staff_can("issues.work")
def watch(request: HttpRequest, number: int) -> HttpResponse:
    watching.watch(number, actor=audit.actor_of(request))
    return _shown(request, number, Done(number, 0, ""), "You watch this issue")


@require_POST
@staff_can("issues.work")
def unwatch(request: HttpRequest, number: int) -> HttpResponse:
    watching.unwatch(number, actor=audit.actor_of(request))
    return _shown(request, number, Done(number, 0, ""), "You do not watch this issue any more")


@require_POST
@staff_can("issues.work")
def go_on(request: HttpRequest) -> HttpResponse:
    """Whether the next issue opens once one is resolved: on or off, kept in this browser."""
    url = safe_next(request, request.POST.get("next", ""), default=reverse("overview"))
    response = HttpResponse(status=204) if is_htmx(request) else redirect_to(request, url)
    page.remember(response, request, page.NEXT_COOKIE, is_on=bool(request.POST.get("go_on")))
    return response


def told(response: HttpResponse, done: Done, message: str) -> HttpResponse:
    return toast(response, message, undo_url=undo.url(done.row_id) or None)


def _changed(
    request: HttpRequest,
    number: int,
    change: Callable[[int], Done],
    message: str,
    *,
    following: int | None = None,
) -> HttpResponse:
    try:
        done = change(page.number_in(request, "seen"))
    except (Conflict, InvalidInput) as error:
        return page.refused(request, number, error)
    if not done.row_id:
        message = "Nothing was changed: it is so already."
    if following is not None and done.row_id:
        return told(redirect(request, "support:detail", following), done, message)
    return _shown(request, number, done, message)


def _shown(request: HttpRequest, number: int, done: Done, message: str) -> HttpResponse:
    if not is_htmx(request):
        return told(redirect(request, "support:detail", number), done, message)
    return told(page.fields(request, number), done, message)
