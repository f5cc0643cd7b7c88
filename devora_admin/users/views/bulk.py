"""Suspend or reactivate what is selected in the list: a question first, then a job."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from devora_admin.core.http import redirect
from devora_admin.shell.listing.bulk import (
    Question,
    ask,
    chosen_question,
    expected,
    selected,
)
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.users.forms.listing import CustomersForm, chips_of
from devora_admin.users.queries.conditions import CustomerFilters
from devora_admin.users.queries.listing import CUSTOMERS
from devora_admin.users.services import bulk
from devora_admin.users.views.listing import SCREEN

QUESTIONS = {
    "suspend": Question(
        "suspend",
        "Suspended customers cannot use the platform; what they have made stays.",
        asks_reason=True,
        tone="danger",
    ),
    "reactivate": Question(
        "reactivate", "Reactivated customers may use the platform again.", asks_reason=True
    ),
}


@require_POST
@staff_can("users.suspend")
def confirm(request: HttpRequest) -> HttpResponse:
    question = chosen_question(request, QUESTIONS)
    chosen, form = selected(request, CustomersForm, _filters)
    bulk.check_whole(chosen)
    chips = chips_of(form) if form else []
    return ask(request, SCREEN, CUSTOMERS, question, chosen, chips=chips)


@require_POST
@staff_can("users.suspend")
def start(request: HttpRequest) -> HttpResponse:
    chosen, _ = selected(request, CustomersForm, _filters)
    job_id = bulk.start(
        request.POST.get("action", ""),
        chosen,
        reason=request.POST.get("reason", ""),
        total=expected(CUSTOMERS, chosen),
        actor=audit.actor_of(request),
    )
    return redirect(request, "jobs:detail", job_id)


def _filters(form: CustomersForm) -> CustomerFilters:
    return form.listing().filters
