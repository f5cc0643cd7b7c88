"""Changing what is selected in the inbox: a question first, then a job."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import is_htmx, redirect_to
from devora_admin.core.listing import counting
from devora_admin.shell.listing.bulk import Question, chosen_question
from devora_admin.shell.listing.forms import checked
from devora_admin.shell.listing.remembered import list_url
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.support import states
from devora_admin.support.forms import inbox as forms
from devora_admin.support.forms.inbox import InboxForm, chips_of
from devora_admin.support.queries import inbox
from devora_admin.support.queries.inbox import Filters
from devora_admin.support.queries.issue import is_number
from devora_admin.support.queries.macros import every_macro, steps_of
from devora_admin.support.services import assigning, bulk, macros_in_bulk
from devora_admin.support.views.inbox import SCREEN

_CONTROL = "support/bulk_value.html"
QUESTIONS = {
    "assign": Question("assign", "They go to whom you choose.", control=_CONTROL),
    "status": Question(
        "status",
        "Whose issue becomes resolved is told so by e-mail, unless that is left off. "
        "Of anything else customers are told nothing.",
        control=_CONTROL,
        verb="Set status of",
    ),
    "priority": Question("priority", "", control=_CONTROL, verb="Set priority of"),
    "tag": Question("tag", "Those that have the tag keep it.", control=_CONTROL),
    "macro": Question(
        "macro", "", control="support/bulk_macro.html", verb="Apply a macro to"
    ),
    "untag": Question(
        "untag", "Those without the tag are left as they are.", control=_CONTROL,
        verb="Remove a tag from",
    ),
}  # fmt: skip
_LABELS = {
    "assign": "Assignee", "status": "Status", "priority": "Priority", "tag": "Tag", "untag": "Tag",
    "macro": "Macro",
}  # fmt: skip


@require_POST
@staff_can("issues.work")
def confirm(request: HttpRequest) -> HttpResponse:
    """States how many it is about; writes nothing."""
    question = chosen_question(request, QUESTIONS)
    chosen, form = _chosen(request)
    if not isinstance(chosen, Filters) and not chosen:
        raise InvalidInput("Select at least one issue.", field="id")
    number = _count(chosen)
    people = assigning.possible() if question.action == "assign" or form else {}
    context = {
        "screen": SCREEN,
        "question": question,
        "label": counting.label(number),
        "number": number,
        "ids": [] if isinstance(chosen, Filters) else chosen,
        "filters": request.POST.get("filters", "") if form else "",
        "chips": chips_of(form, people=people) if form else [],
        "value_label": _LABELS[question.action],
        **(_macro_context(request, chosen) if question.action == "macro" else {}),
        "choices": _choices(question.action, _first(str(request.user.pk), people)),
    }
    part = "dialog" if is_htmx(request) else "confirm"
    return render(request, f"components/list/bulk_{part}.html", context)


def _macro_context(request: HttpRequest, chosen: tuple[int, ...] | Filters) -> dict[str, Any]:
    """The macros, and what the chosen one, by default the first, would come to."""
    every = every_macro()
    offered = {macros_in_bulk.named(each): each for each in every}
    value = request.POST.get("value", "")
    macro = offered.get(value) or next(iter(offered.values()), None)
    if macro is None:
        return {"macros": {}}
    shown = macros_in_bulk.outlook(macro, chosen, actor=audit.actor_of(request))
    return {
        "macros": [(name, each.name) for name, each in offered.items()],
        "value": macros_in_bulk.named(macro),
        "steps": steps_of(macro, assigning.possible()),
        "outlook": shown,
    }


@require_POST
@staff_can("issues.work")
def start(request: HttpRequest) -> HttpResponse:
    chosen, _ = _chosen(request)
    number = _count(chosen)
    job_id = bulk.start(
        request.POST.get("action", ""),
        request.POST.get("value", ""),
        chosen,
        total=None if number > counting.MOST_COUNTED else number,
        actor=audit.actor_of(request),
    )
    query = urlencode({"back": list_url(request, SCREEN.app)})
    return redirect_to(request, f"{reverse('jobs:detail', args=[job_id])}?{query}")


def _first(staff_id: str, people: Mapping[str, str]) -> dict[str, str]:
    """Oneself before the others."""
    own = {staff_id: people[staff_id]} if staff_id in people else {}
    return {**own, **people}


def _choices(action: str, people: Mapping[str, str]) -> list[tuple[str, str]]:
    """None for a tag, which is typed."""
    offered: dict[str, Mapping[str, str]] = {
        "assign": {**people, "": "Nobody"},
        "status": states.STATUSES,
        "priority": states.PRIORITIES,
    }
    return list(offered.get(action, {}).items())


def _chosen(request: HttpRequest) -> tuple[tuple[int, ...] | Filters, InboxForm | None]:
    """The form is that of the filters, when all that match are meant."""
    if request.POST.get("scope") != "matching":
        given = request.POST.getlist("id")
        numbers = (int(each) for each in given if each.isascii() and each.isdigit())
        return tuple(filter(is_number, numbers)), None
    form, staff_id = forms.read(request.POST.get("filters", "")), str(request.user.pk)
    checked(form)
    filters = form.asked(form.view_of(staff_id), staff_id).filters
    if filters is None:
        raise Conflict("No issue matches any more. Nothing was started.")
    return filters, form


def _count(chosen: tuple[int, ...] | Filters) -> int:
    return inbox.count(chosen) if isinstance(chosen, Filters) else len(chosen)
