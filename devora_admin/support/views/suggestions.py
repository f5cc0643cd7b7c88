"""What was found and may become an issue: the list, each of them, and what staff do with it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.shell.listing.forms import changed
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.support.forms.suggestions import DismissForm, OpenForm
from devora_admin.support.suggestions import deciding, queries, words

_LIST = "support:suggestions"


@require_safe
@staff_can("issues.view")
def listing(request: HttpRequest) -> HttpResponse:
    state, kind = request.GET.get("state") or "new", request.GET.get("kind", "")
    context: dict[str, Any] = {"state": state, "kind": kind, "kinds": words.KINDS}
    try:
        cursor = request.GET.get("cursor", "")
        context["page"] = page = queries.suggestions_page(state=state, kind=kind, cursor=cursor)
    except InvalidInput as error:
        page, context["problem"] = None, error.message
    given = request.GET.copy()
    given.pop("cursor", None)
    context |= {
        "states": [(each, label, changed(given, state=each)) for each, label in
                   queries.STATES.items()],
        "first_url": "" if page is None or page.is_first else changed(given) or "?",
        "next_url": changed(given, cursor=page.next) if page and page.next else "",
        "may_work": allowed(request, "issues.work"),
    }  # fmt: skip
    status = 422 if page is None else 200
    template = "support/suggestions/list.html" + ("#listing" if is_htmx(request) else "")
    return render(request, template, context, status=status)


@require_safe
@staff_can("issues.view")
def count(request: HttpRequest) -> HttpResponse:
    """How many wait, for the button that leads to them."""
    context = {"waiting": queries.waiting(), "most": queries.MOST_COUNTED}
    return render(request, "support/suggestions/count.html", context)


@require_safe
@staff_can("issues.view")
def detail(request: HttpRequest, suggestion_id: str) -> HttpResponse:
    found = queries.one(suggestion_id)
    context: dict[str, Any] = {"found": found, "may_work": allowed(request, "issues.work")}
    if found.is_spike:
        context["is_left"] = found.state == "opened" and deciding.is_left(queries.row_of(found.id))
        context["hit"] = queries.customers_hit(found.id)
    return render(request, "support/suggestions/detail.html", context)


@require_safe
@staff_can("issues.view")
def customers(request: HttpRequest, suggestion_id: str) -> HttpResponse:
    """Whom a spike has hit, page by page."""
    found = queries.one(suggestion_id)
    hit = queries.customers_hit(found.id, cursor=request.GET.get("cursor", ""))
    part = "hit.html" if is_htmx(request) else "customers.html"
    return render(request, f"support/suggestions/{part}", {"found": found, "hit": hit})


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def open_issue(request: HttpRequest, suggestion_id: str) -> HttpResponse:
    row, found = queries.row_of(suggestion_id), queries.one(suggestion_id)
    is_left = deciding.is_left(row)
    if found.state == "opened" and not is_left:
        return _opened(request, deciding.Outcome(found.issue, is_new=False), found.id)
    initial = {
        "subject": words.subject_of(row, found.project),
        "text": words.text_of(row, found.project),
        "priority": words.priority_of(row),
        "tags": ", ".join(words.tags_of(row)),
    }
    told = found.customers_told if found.customers else ""
    form = OpenForm(posted(request), initial=initial, customers=told, is_rest=is_left)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        tags = data["tags"].split(",")
        wanted = deciding.Wanted(data["subject"], data["text"], data["priority"], tags)
        do = deciding.open_each if form.is_for_each else deciding.open_one
        return _opened(request, do(found.id, wanted, actor=audit.actor_of(request)), found.id)

    about = f"About {found.project}, as it is now." if found.project else ""
    dialog = Dialog("Open an issue", "Open it", _page_of(found.id), about, is_wide=True)
    return answer(request, dialog, form, save)


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def dismiss(request: HttpRequest, suggestion_id: str) -> HttpResponse:
    found = queries.one(suggestion_id)
    form = DismissForm(posted(request))

    def save(data: Mapping[str, Any]) -> HttpResponse:
        row_id = deciding.dismiss(found.id, data["reason"], actor=audit.actor_of(request))
        response = redirect(request, _LIST)
        if not row_id:
            return toast(response, "It is dismissed already.")
        way_back = undo.url(row_id, back=_page_of(found.id))
        return toast(response, "Dismissed", undo_url=way_back)

    about = "It is not suggested again." if not found.is_spike else "It is not suggested again"\
        " until it was quiet for a day and rises anew."  # fmt: skip
    dialog = Dialog("Dismiss this suggestion", "Dismiss it", _page_of(found.id), about)
    return answer(request, dialog, form, save)


def _opened(request: HttpRequest, done: deciding.Outcome, suggestion_id: str) -> HttpResponse:
    if done.job_id:
        return toast(redirect(request, "jobs:detail", done.job_id), "Issues are being opened")
    if not done.number:
        response = redirect(request, "support:suggestion", suggestion_id)
        return toast(response, "Issues of it are opened already.", level="warning")
    response = redirect(request, "support:detail", done.number)
    if done.is_new:
        return toast(response, f"Issue #{done.number} is open")
    return toast(response, f"Issue #{done.number} was opened of it already.", level="warning")


def _page_of(suggestion_id: str) -> str:
    return reverse("support:suggestion", args=[suggestion_id])
