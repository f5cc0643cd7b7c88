"""Archive or restore what is selected in the list: a question first, then a job."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx, redirect
from devora_admin.core.listing import counting
from devora_admin.projects.forms.listing import ListForm, chips_of
from devora_admin.projects.queries import listing
from devora_admin.projects.queries.asked import resolve
from devora_admin.projects.services import bulk
from devora_admin.shell.listing.forms import checked
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can


@require_POST
@staff_can("projects.archive")
def confirm(request: HttpRequest) -> HttpResponse:
    """States how many it is about; writes nothing."""
    action = request.POST.get("action", "")
    if action not in bulk.KINDS:
        raise InvalidInput("Choose archive or restore.", field="action")
    chosen, form = _chosen(request)
    if form is None and not chosen.ids:
        raise InvalidInput("Select at least one project.", field="id")
    number = listing.count(chosen.filters) if chosen.filters else len(chosen.ids)
    context = {
        "action": action,
        "label": counting.label(number),
        "number": number,
        "ids": chosen.ids,
        "filters": request.POST.get("filters", "") if form else "",
        "chips": chips_of(form) if form else [],
    }
    template = "projects/bulk_dialog.html" if is_htmx(request) else "projects/bulk_confirm.html"
    return render(request, template, context)


@require_POST
@staff_can("projects.archive")
def start(request: HttpRequest) -> HttpResponse:
    chosen, _ = _chosen(request)
    total: int | None = len(chosen.ids)
    if chosen.filters is not None:
        total = listing.count(chosen.filters)
        total = None if total > counting.MOST_COUNTED else total
    action = request.POST.get("action", "")
    job_id = bulk.start(action, chosen, total=total, actor=audit.actor_of(request))
    return redirect(request, "jobs:detail", job_id)


def _chosen(request: HttpRequest) -> tuple[bulk.Chosen, ListForm | None]:
    """The form is that of the filters, when all that match are meant."""
    if request.POST.get("scope") != "matching":
        ids = tuple(each for each in request.POST.getlist("id") if each and "\0" not in each)
        return bulk.Chosen(ids=ids), None
    form = ListForm(QueryDict(request.POST.get("filters", "").removeprefix("?")))
    checked(form)
    return bulk.Chosen(filters=resolve(form.listing()).listing.filters), form
