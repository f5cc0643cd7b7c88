"""Issues that belong together: linked, or merged into one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.errors import Conflict, DomainError, InvalidInput, NotFound
from devora_admin.core.http import is_htmx, redirect
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.support.queries import thread
from devora_admin.support.queries.inbox import of_customer
from devora_admin.support.queries.issue import Issue
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.services import linking, merging
from devora_admin.support.views import page
from devora_admin.support.views.fields import told


@require_POST
@staff_can("issues.work")
def link(request: HttpRequest, number: int) -> HttpResponse:
    """other: a number, with or without its sign. kind: related or duplicate."""
    actor, kind = audit.actor_of(request), request.POST.get("kind", "related")
    try:
        other = _number(request.POST.get("other", ""), field="other")
        done = linking.link(number, other, kind=kind, actor=actor)
    except NotFound as error:
        missing = InvalidInput(error.message, field="other")
        return page.refused(request, number, missing)
    except (Conflict, InvalidInput) as error:
        return page.refused(request, number, error)
    if not is_htmx(request):
        return told(redirect(request, "support:detail", number), done, f"Linked to #{other}")
    return told(page.fields(request, number), done, f"Linked to #{other}")


@require_POST
@staff_can("issues.work")
def unlink(request: HttpRequest, number: int, other: int) -> HttpResponse:
    try:
        done = linking.unlink(number, other, actor=audit.actor_of(request))
    except Conflict as error:
        return page.refused(request, number, error)
    if not is_htmx(request):
        return told(redirect(request, "support:detail", number), done, "Link removed")
    return told(page.fields(request, number), done, "Link removed")


@staff_can("issues.work")
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """This one goes into another of the same customer. into: its number; both are shown first."""
    gone = read_issue(number)
    given = request.POST.get("into", "") or request.GET.get("into", "")
    context: dict[str, Any] = {"issue": gone, "given": given[:20]}
    try:
        if not given and request.method == "GET":
            return _merge_page(request, context, None)
        kept = read_issue(_number(given, field="into"))
        if kept.user_id != gone.user_id:
            raise Conflict(f"#{kept.number} is of another customer. Merge the customers first.")
        if kept.number == number:
            raise InvalidInput("Choose another issue: this is the same one.", field="into")
        context |= {"kept": kept, "sides": [_side("Goes away", gone), _side("Stays", kept)]}
        if request.method == "POST":
            done = merging.merge_issues(
                kept.number,
                number,
                seen=page.number_in(request, "seen"),
                absorbed_seen=page.number_in(request, "absorbed_seen"),
                actor=audit.actor_of(request),
            )
            response = redirect(request, "support:detail", kept.number)
            return told(response, done, f"#{number} is now part of #{kept.number}")
    except (Conflict, InvalidInput, NotFound) as error:
        return _merge_page(request, context, error)
    return _merge_page(request, context, None)


def _merge_page(
    request: HttpRequest, context: dict[str, Any], error: DomainError | None
) -> HttpResponse:
    gone = context["issue"]
    context["others"] = [
        row for row in of_customer(gone.user_id, limit=12) if row.number != gone.number
    ]
    context["problem"] = error.message if error else ""
    part = ""
    if is_htmx(request):
        part = "#form" if request.headers.get("HX-Target") == "merge-form" else "#dialog"
    return render(
        request, "support/merge.html" + part, context, status=error.status if error else 200
    )


def _side(title: str, issue: Issue) -> dict[str, Any]:
    messages, has_more = thread.last_ones(issue.id, limit=3)
    return {"title": title, "issue": issue, "messages": messages, "has_more": has_more}


def _number(given: str, *, field: str) -> int:
    digits = given.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        raise InvalidInput("Give the number of an issue, such as 123.", field=field)
    return int(digits)
