"""The page of one issue: what was said, who works on it, and where one answers."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx, redirect
from devora_admin.projects.queries.names import names
from devora_admin.staff import wording
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.queries import accounts
from devora_admin.staff.queries.audit_log import AuditLine
from devora_admin.support.queries import thread
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.services import drafts
from devora_admin.support.views.history_words import HistoryLine, changes, icon_of
from devora_admin.support.views.page import SHOWN, begun, goes_on, number_in, page


@require_safe
@staff_can("issues.view")
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """before: of a long thread, the messages before that one. kind: what the form is for."""
    issue = read_issue(number)
    if is_htmx(request) and request.GET.get("before"):
        before = number_in(request, "before")
        messages, has_earlier = thread.last_ones(issue.id, before=before, limit=SHOWN)
        context = {"issue": issue, "messages": messages, "has_earlier": has_earlier}
        return render(request, "support/messages.html", context)
    return page(request, issue)


@require_safe
@staff_can("issues.work")
def composer(request: HttpRequest, number: int) -> HttpResponse:
    """The form for the other kind, with what was begun of it."""
    kind = request.GET.get("kind", "")
    drafts.check_kind(kind)
    if not is_htmx(request):
        return redirect(request, "support:detail", number)
    issue = read_issue(number)
    context = {"issue": issue, "composer": begun(request, issue, kind), "goes_on": goes_on(request)}
    return render(request, "support/composer.html", context)


@require_safe
@staff_can("issues.view")
def history(request: HttpRequest, number: int) -> HttpResponse:
    found = history_of(number, cursor=request.GET.get("cursor", ""))
    people = accounts.names()
    about = {str(line.row.after.get("project_id") or "") for line in found.rows}
    projects = names(about - {""}, ()).projects

    def shown(line: AuditLine) -> HistoryLine:
        row = line.row
        return HistoryLine(
            line,
            wording.told(row.action, row.before, row.after, can=partial(allowed, request)),
            people.get(row.actor_id) or row.actor_email or row.actor_id,
            icon_of(row.action),
            changes(row.before, row.after, people, projects),
        )

    context = {"issue": read_issue(number), "page": found, "lines": map(shown, found.rows)}
    return render(request, "support/history.html" + ("#rows" if is_htmx(request) else ""), context)
