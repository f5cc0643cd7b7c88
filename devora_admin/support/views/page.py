"""What the page of an issue and its pieces are drawn from."""

import logging
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from devora_admin.core import mongo
from devora_admin.core.errors import DomainError, InvalidInput, StoreUnavailable
from devora_admin.core.http import is_htmx
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed
from devora_admin.support import page_parts, presence, states
from devora_admin.support.queries import thread
from devora_admin.support.queries.around import around, briefs
from devora_admin.support.queries.attachments import Attachment, unsent
from devora_admin.support.queries.issue import Issue
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.queries.thread import Message
from devora_admin.support.services import assigning, drafts
from devora_admin.support.sla import part as sla_part

log = logging.getLogger(__name__)
SHOWN = 50
NEXT_COOKIE = "support_next"
TAKE_COOKIE = "support_take"
"""off for who left it off the last time that nobody had the issue."""
_LARGEST = 2**53


@dataclass(slots=True)
class Composer:
    """The form one writes in, with what stands in it."""

    kind: str
    seen: int
    revision: int
    draft: int = 0
    """Of the draft's revisions, the one it was filled from."""
    text: str = ""
    files: list[Attachment] = field(default_factory=list)
    notice: str = ""
    error: str = ""
    preview: Any = None
    may_take: bool = False
    takes: bool = False
    """Whether the issue is assigned to the writer with the reply."""


@dataclass(frozen=True, slots=True)
class ShownPart:
    part: page_parts.Part
    content: Any = None
    has_failed: bool = False


def number_in(request: HttpRequest, name: str, *, default: int | None = None) -> int:
    """A whole number of the request. Raises InvalidInput, also without one unless there is a
    default."""
    given = (request.POST if request.method == "POST" else request.GET).get(name, "")
    if not given and default is not None:
        return default
    if not (given.isascii() and given.isdigit()) or len(given) > 16 or int(given) > _LARGEST:
        raise InvalidInput("This page is out of date. Load it again.", field=name)
    return int(given)


def page(
    request: HttpRequest, issue: Issue, *, composer: Composer | None = None, status: int = 200,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    messages, has_earlier, is_part = _messages(request, issue)
    context = head_context(request, issue)
    context |= {
        "messages": messages,
        "has_earlier": has_earlier,
        "is_part": is_part,
        "people_here": presence.others(issue.id, actor=audit.actor_of(request)),
        "parts": shown_parts(request, issue),
        "goes_on": goes_on(request),
    }
    context["composer"] = composer
    if composer is None and context["may_work"] and not issue.merged_into:
        is_note = not issue.user_id or request.GET.get("kind") == "note"
        kind = "note" if is_note else "reply"
        context["composer"] = begun(request, issue, kind)
    return render(request, "support/detail.html", context | more, status=status)


def _messages(request: HttpRequest, issue: Issue) -> tuple[list[Message], bool, bool]:
    """The end of the thread, or the part that was asked for: what comes before a message, or around
    one that the end does not hold. Whether there are earlier ones, and whether it is but a part."""
    if request.method != "GET":
        return *thread.last_ones(issue.id, limit=SHOWN), False
    before = number_in(request, "before", default=0)
    wanted = number_in(request, "message", default=0)
    messages, has_earlier = thread.last_ones(issue.id, before=before, limit=SHOWN)
    if wanted and has_earlier and wanted < messages[0].sequence:
        before = wanted + SHOWN // 2
        messages, has_earlier = thread.last_ones(issue.id, before=before, limit=SHOWN)
    return messages, has_earlier, bool(before)


def begun(request: HttpRequest, issue: Issue, kind: str) -> Composer:
    """With the draft of this person, if there is one."""
    staff_id = audit.actor_of(request).id
    draft = drafts.draft_of(issue.id, kind, staff_id=staff_id)
    files = unsent(draft.attachment_ids, staff_id=staff_id)
    return Composer(
        kind, issue.sequence, issue.revision, draft.revision, draft.text, files,
        may_take=may_take(request, issue), takes=takes_by_default(request, issue),
    )  # fmt: skip


def may_take(request: HttpRequest, issue: Issue) -> bool:
    return issue.assignee_id != audit.actor_of(request).id


def takes_by_default(request: HttpRequest, issue: Issue) -> bool:
    return not issue.assignee_id and request.COOKIES.get(TAKE_COOKIE) != "off"


def head_context(request: HttpRequest, issue: Issue) -> dict[str, Any]:
    """For the head and the fields at the side: three round trips."""
    others = {link.number for link in issue.links}
    people = assigning.possible()
    staff_id = audit.actor_of(request).id
    return {
        "issue": issue,
        "around": around(issue),
        "linked": [(link, found.get(link.number)) for found in [briefs(others)]
                   for link in issue.links],
        "people": people,
        "assignee": people.get(issue.assignee_id, "somebody who left"),
        "watchers": [people.get(each, "somebody who left") for each in issue.watchers],
        "is_watching": staff_id in issue.watchers,
        "is_mine": issue.assignee_id == staff_id,
        "statuses": states.STATUSES,
        "priorities": states.PRIORITIES,
        "status_label": states.STATUSES[issue.status],
        "tone": TONES[issue.status],
        "may_work": allowed(request, "issues.work"),
        "may_open_customer": allowed(request, "users.view"),
        "may_open_project": allowed(request, "projects.view"),
    }  # fmt: skip


def news_context(request: HttpRequest, issue: Issue) -> dict[str, Any]:
    """For all that follows on an open page when an issue is changed: the clock, too."""
    clock, on = sla_part.shown(issue.number), goes_on(request)
    return head_context(request, issue) | {"clock": clock, "goes_on": on}


TONES = {"open": "info", "pending": "warning", "on_hold": "neutral", "resolved": "success",
         "closed": "neutral"}  # fmt: skip


def fields(
    request: HttpRequest, number: int, *, error: str = "", field: str = "", status: int = 200
) -> HttpResponse:
    """The fields as they are now, and whatever else shows them; with a fault, if there is one."""
    issue = read_issue(number)
    told: dict[str, Any] = {"fields_error": error, "error_field": field}
    if not is_htmx(request):
        return page(request, issue, status=status, **told)
    context = news_context(request, issue) | told
    return render(request, "support/changed.html", context, status=status)


def refused(request: HttpRequest, number: int, error: DomainError) -> HttpResponse:
    """With what holds now, and why nothing was changed."""
    return fields(
        request, number, error=error.message, field=getattr(error, "field", ""),
        status=error.status,
    )  # fmt: skip


def goes_on(request: HttpRequest) -> bool:
    """Whether the next issue opens once this one is resolved."""
    return request.COOKIES.get(NEXT_COOKIE) != "off"


def remember(response: HttpResponse, request: HttpRequest, cookie: str, *, is_on: bool) -> None:
    """A choice, kept in this browser."""
    response.set_cookie(
        cookie, "on" if is_on else "off", max_age=365 * 86_400, samesite="Lax", httponly=True,
        secure=request.is_secure(),
    )  # fmt: skip


def shown_parts(request: HttpRequest, issue: Issue) -> list[ShownPart]:
    """One that fails is shown as failed; only a store that is away ends the page."""

    def can(permission: str) -> bool:
        return allowed(request, permission)

    shown = []
    for part in page_parts.parts(can):
        try:
            content = part.load(issue, can) if part.load else None
        except Exception as error:
            if isinstance(error, StoreUnavailable) or mongo.is_unavailable(error):
                raise
            log.exception("the part %s of an issue's page could not be loaded", part.name)
            shown.append(ShownPart(part, has_failed=True))
        else:
            if content is not None or part.url_name:
                shown.append(ShownPart(part, content))
    return shown
