"""What an open page of an issue asks every few seconds: what is new, and who else is there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, background, staff_can
from devora_admin.support import presence
from devora_admin.support.queries import thread
from devora_admin.support.queries.delivery import Delivery, deliveries
from devora_admin.support.queries.issue import id_of
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.views.page import news_context, number_in

_MOST_WAITING = 50
_LONGEST_ID = 100


@require_safe
@staff_can("issues.view")
@background
def changes(request: HttpRequest, number: int) -> HttpResponse:
    """shown: the sequence of the last message on the page. shown_revision: of the fields there.
    waiting: replies there that are on their way."""
    shown, revision = number_in(request, "shown"), number_in(request, "shown_revision")
    issue = read_issue(number)
    arrived = _arrived(request.GET.getlist("waiting"))
    if issue.sequence <= shown and issue.revision == revision:
        if not arrived:
            return HttpResponse(status=204)
        told = {"issue": issue, "arrived": arrived, "may_work": allowed(request, "issues.work")}
        return render(request, "support/deliveries.html", told)
    messages = thread.behind(issue.id, shown) if issue.sequence > shown else []
    context = news_context(request, issue)
    news = _news(messages, audit.actor_of(request).id)
    context |= {"messages": messages, "news": news, "arrived": arrived}
    return render(request, "support/changes.html", context)


@require_POST
@staff_can("issues.view")
@background
def here(request: HttpRequest, number: int) -> HttpResponse:
    actor, issue_id = audit.actor_of(request), id_of(number)
    presence.be_present(
        issue_id, actor=actor, tab=request.POST.get("tab", ""),
        is_writing=request.POST.get("writing") == "1",
    )  # fmt: skip
    people = presence.others(issue_id, actor=actor)
    return render(request, "support/people.html", {"people_here": people})


@require_POST
@staff_can("issues.view")
@background
def gone(request: HttpRequest, number: int) -> HttpResponse:
    """Sent by the browser as the page goes."""
    presence.leave(id_of(number), actor=audit.actor_of(request), tab=request.POST.get("tab", ""))
    return HttpResponse(status=204)


def _arrived(waiting: list[str]) -> list[tuple[str, Delivery]]:
    """Those that were sent or given up since, by the id of the message."""
    asked = (each for each in waiting[:_MOST_WAITING] if len(each) <= _LONGEST_ID)
    found = deliveries([each for each in asked if "\0" not in each]).items()
    return [(key, each) for key, each in found if each.state in ("sent", "failed")]


def _news(messages: list[thread.Message], staff_id: str) -> str:
    by_others = [each for each in messages if each.author_id != staff_id]
    if not by_others:
        return ""
    last = by_others[-1]
    if last.kind == "customer":
        return "New reply from the customer"
    return f"{last.author} {'added a note' if last.kind == 'note' else 'replied'}"
