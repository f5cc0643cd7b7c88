"""Archive or restore what is selected in the list: a question first, then a job."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from devora_admin.core.http import redirect
from devora_admin.projects.forms.listing import ListForm, chips_of
from devora_admin.projects.queries import listing
from devora_admin.projects.queries.asked import resolve
from devora_admin.projects.services import bulk
from devora_admin.projects.views.listing import SCREEN
from devora_admin.shell.listing.bulk import (
    Question,
    Selected,
    ask,
    chosen_question,
    expected,
    selected,
)
from devora_admin.staff import audit
from devora_admin.staff.bulk import Chosen
from devora_admin.staff.permissions import staff_can

QUESTIONS = {
    "archive": Question("archive", "Archived projects leave the list; nothing in them is deleted."),
    "restore": Question("restore", "Restored projects are back in the list."),
}


@require_POST
@staff_can("projects.archive")
def confirm(request: HttpRequest) -> HttpResponse:
    question = chosen_question(request, QUESTIONS)
    picked = selected(request, ListForm)
    chips = chips_of(picked.form) if picked.form else []
    number = _number(_chosen(picked))
    return ask(request, SCREEN, question, picked, number=number, chips=chips)


@require_POST
@staff_can("projects.archive")
def start(request: HttpRequest) -> HttpResponse:
    action = request.POST.get("action", "")
    chosen = _chosen(selected(request, ListForm))
    total = expected(_number(chosen))
    job_id = bulk.start(action, chosen, total=total, actor=audit.actor_of(request))
    return redirect(request, "jobs:detail", job_id)


def _chosen(picked: Selected[ListForm]) -> Chosen:
    if picked.form is None:
        return Chosen(ids=picked.ids)
    return Chosen(filters=resolve(picked.form.listing()).listing.filters)


def _number(chosen: Chosen) -> int:
    return len(chosen.ids) if chosen.filters is None else listing.count(chosen.filters)
