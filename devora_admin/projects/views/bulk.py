"""Archive or restore what is selected in the list: a question first, then a job."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from devora_admin.core.http import redirect
from devora_admin.projects.forms.listing import ListForm, chips_of
from devora_admin.projects.queries.asked import resolve
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import PROJECTS
from devora_admin.projects.services import bulk
from devora_admin.projects.views.listing import SCREEN
from devora_admin.shell.listing.bulk import (
    Question,
    ask,
    chosen_question,
    expected,
    selected,
)
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can

QUESTIONS = {
    "archive": Question("archive", "Archived projects leave the list; nothing in them is deleted."),
    "restore": Question("restore", "Restored projects are back in the list."),
}


@require_POST
@staff_can("projects.archive")
def confirm(request: HttpRequest) -> HttpResponse:
    question = chosen_question(request, QUESTIONS)
    chosen, form = selected(request, ListForm, _filters)
    bulk.check_whole(chosen)
    chips = chips_of(form) if form else []
    return ask(request, SCREEN, PROJECTS, question, chosen, chips=chips)


@require_POST
@staff_can("projects.archive")
def start(request: HttpRequest) -> HttpResponse:
    chosen, _ = selected(request, ListForm, _filters)
    job_id = bulk.start(
        request.POST.get("action", ""),
        chosen,
        total=expected(PROJECTS, chosen),
        actor=audit.actor_of(request),
    )
    return redirect(request, "jobs:detail", job_id)


def _filters(form: ListForm) -> Filters:
    return resolve(form.listing()).listing.filters
