"""Suspend or reactivate what is selected in the list: a question first, then a job."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from devora_admin.core.http import redirect
from devora_admin.core.listing import counting
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
from devora_admin.users.forms.listing import CustomersForm, chips_of
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
    picked = selected(request, CustomersForm)
    chips = chips_of(picked.form) if picked.form else []
    number = _number(_chosen(picked))
    return ask(request, SCREEN, question, picked, number=number, chips=chips)


@require_POST
@staff_can("users.suspend")
def start(request: HttpRequest) -> HttpResponse:
    action, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    chosen = _chosen(selected(request, CustomersForm))
    total = expected(_number(chosen))
    actor = audit.actor_of(request)
    job_id = bulk.start(action, chosen, reason=reason, total=total, actor=actor)
    return redirect(request, "jobs:detail", job_id)


def _chosen(picked: Selected[CustomersForm]) -> Chosen:
    if picked.form is None:
        return Chosen(ids=picked.ids)
    return Chosen(filters=picked.form.listing().filters)


def _number(chosen: Chosen) -> int:
    return len(chosen.ids) if chosen.filters is None else counting.count(CUSTOMERS, chosen.filters)
