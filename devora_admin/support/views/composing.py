"""Sending what was written: a reply to the customer, or a note among staff.

Whatever is refused comes back with all that was typed.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from devora_admin.core import markup
from devora_admin.core.errors import Conflict, DomainError, InvalidInput, TooLarge
from devora_admin.core.http import is_htmx, redirect, redirect_to, toast
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.support.queries import thread
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.services import texts
from devora_admin.support.services.writing import HeldBack, Written, add_note
from devora_admin.support.services.writing import reply as send_reply
from devora_admin.support.views.files import kept_with, named_in
from devora_admin.support.views.page import (
    TAKE_COOKIE,
    Composer,
    begun,
    goes_on,
    may_take,
    news_context,
    number_in,
    page,
    remember,
)
from devora_admin.support.views.remembered import next_number

Send = Callable[[Composer], Written]
MOST_SHOWN = 2_000_000
"""Of a text that is far too long, what comes back to its writer."""


@require_POST
@staff_can("issues.work")
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """status: what the issue becomes with it, "" for what it is."""
    actor, status = audit.actor_of(request), request.POST.get("status", "")
    following = next_number(request, number) if status == "resolved" and goes_on(request) else None

    def send(typed: Composer) -> Written:
        return send_reply(
            number, typed.text, seen=typed.seen, revision=typed.revision, status=status,
            attachment_ids=[file.id for file in typed.files], actor=actor, draft=typed.draft,
            takes=typed.takes,
        )  # fmt: skip

    was_free = not read_issue(number).assignee_id
    response = _answer(request, number, "reply", send, "Reply sent", following)
    if was_free and response.status_code < 400:
        remember(response, request, TAKE_COOKIE, is_on="take" in request.POST)
    return response


@require_POST
@staff_can("issues.work")
def note(request: HttpRequest, number: int) -> HttpResponse:
    actor = audit.actor_of(request)

    def send(typed: Composer) -> Written:
        ids = [file.id for file in typed.files]
        return add_note(number, typed.text, attachment_ids=ids, actor=actor, draft=typed.draft)

    return _answer(request, number, "note", send, "Note added", None)


@require_POST
@staff_can("issues.work")
def preview(request: HttpRequest, number: int) -> HttpResponse:
    text = request.POST.get("text", "")[: texts.MAX_TEXT]
    if is_htmx(request):
        return render(request, "support/preview.html", {"html": markup.markdown(text)})
    kind = "note" if request.POST.get("kind") == "note" else "reply"
    typed, issue = _typed(request, kind), read_issue(number)
    typed.preview = markup.markdown(text)
    typed.may_take = may_take(request, issue)
    return page(request, issue, composer=typed)


def _answer(
    request: HttpRequest, number: int, kind: str, send: Send, message: str, following: int | None
) -> HttpResponse:
    typed = _typed(request, kind)
    try:
        kept_with(request, typed.files)
        written = send(typed)
    except (InvalidInput, Conflict, TooLarge) as error:
        return _refused(request, number, typed, error)
    if following is not None:
        return toast(redirect(request, "support:detail", following), message)
    if not is_htmx(request):
        address = f"{reverse('support:detail', args=[number])}#m{written.sequence}"
        return toast(redirect_to(request, address), message)
    issue = read_issue(number)
    return toast(_drawn(request, number, begun(request, issue, kind), typed.seen), message)


def _refused(
    request: HttpRequest, number: int, typed: Composer, error: DomainError
) -> HttpResponse:
    seen, issue = typed.seen, read_issue(number)
    typed.may_take = may_take(request, issue)
    if isinstance(error, HeldBack):
        typed.notice, typed.seen = error.message, error.sequence
    else:
        typed.error = error.message
        if isinstance(error, Conflict):  # what changed is on the page now
            typed.revision = issue.revision
    if is_htmx(request):
        return _drawn(request, number, typed, seen, status=error.status)
    return page(request, issue, composer=typed, status=error.status, unseen=seen)


def _drawn(
    request: HttpRequest, number: int, composer: Composer, seen: int, *, status: int = 200
) -> HttpResponse:
    """The form, and out of band whatever is new behind the last message that the page shows."""
    issue = read_issue(number)
    shown = number_in(request, "shown", default=seen)
    context: dict[str, Any] = news_context(request, issue)
    context |= {
        "composer": composer,
        "goes_on": goes_on(request),
        "messages": thread.behind(issue.id, shown),
    }
    return render(request, "support/sent.html", context, status=status)


def _typed(request: HttpRequest, kind: str) -> Composer:
    return Composer(
        kind,
        number_in(request, "seen"),
        number_in(request, "revision"),
        number_in(request, "draft", default=0),
        request.POST.get("text", "")[:MOST_SHOWN],
        named_in(request),
        takes="take" in request.POST,
    )
