"""Background jobs: what ran, how far it is, and what became of each item."""

from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core import jobs
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from devora_admin.core.http import is_htmx, redirect, safe_next, toast
from devora_admin.core.jobs import Job, Outcome
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.worker.queries import jobs as queries

_OUTCOMES = {"done": "Done", "skipped": "Skipped", "failed": "Failed"}


@require_safe
@staff_can("jobs.view")
def job_list(request: HttpRequest) -> HttpResponse:
    page = queries.jobs_page(request.GET.get("cursor", ""))
    return render(request, "worker/list.html", {"page": page, "cursor": request.GET.get("cursor")})


@require_safe
@staff_can("jobs.view")
def detail(request: HttpRequest, job_id: str) -> HttpResponse:
    job = _find(job_id)
    outcome = request.GET.get("outcome", "")
    if outcome and outcome not in _OUTCOMES:
        raise InvalidInput("Choose done, skipped or failed.", field="outcome")
    chosen = cast(Outcome, outcome) if outcome else None
    cursor = request.GET.get("cursor", "")
    back = safe_next(request, request.GET.get("back", ""), default="")
    context = {
        "job": job,
        "page": queries.items_page(job, outcome=chosen, cursor=cursor),
        "cursor": cursor,
        "outcome": outcome,
        "tabs": _tabs(job, outcome, back),
        "may_change": _may_change(request, job),
        "can_undo": _can_undo(job),
        "can_cancel": _can_cancel(job),
        "unit": _unit(job),
        "back": back,
    }
    template = "worker/detail.html" + ("#job" if is_htmx(request) else "")
    return render(request, template, context)


@require_POST
@staff_can("jobs.view")
def cancel(request: HttpRequest, job_id: str) -> HttpResponse:
    job = _changeable(request, job_id)
    if not _can_cancel(job):
        raise Conflict("This job cannot be stopped half way.")
    if not jobs.cancel(job.id):
        raise Conflict("This job has ended already.")
    return toast(redirect(request, "jobs:detail", job.id), "Job cancelled")


@require_POST
@staff_can("jobs.view")
def undo(request: HttpRequest, job_id: str) -> HttpResponse:
    job = _changeable(request, job_id)
    actor = audit.actor_of(request)
    who = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
    return redirect(request, "jobs:detail", jobs.undo(job, actor=who))


def _find(job_id: str) -> Job:
    if "\0" in job_id or len(job_id) > 100:
        raise NotFound("job", job_id)
    return jobs.find(job_id)


def _changeable(request: HttpRequest, job_id: str) -> Job:
    job = _find(job_id)
    if not _may_change(request, job):
        raise Forbidden("Your role does not allow this for jobs of this kind.")
    return job


def _may_change(request: HttpRequest, job: Job) -> bool:
    kind = jobs.kind_of(job)
    return kind is not None and request.user.can(kind.permission)  # type: ignore[union-attr]


def _can_undo(job: Job) -> bool:
    kind = jobs.kind_of(job)
    return bool(kind and kind.undone_by and job.done and not job.running and not job.undone_by)


def _can_cancel(job: Job) -> bool:
    kind = jobs.kind_of(job)
    return kind is None or kind.can_cancel


def _unit(job: Job) -> str:
    kind = jobs.kind_of(job)
    return kind.unit if kind else "item"


def _with(url: str, **values: str) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{url}?{query}" if query else url


def _tabs(job: Job, outcome: str, back: str) -> list[dict[str, Any]]:
    url = reverse("jobs:detail", args=[job.id])
    counts = {"": job.handled, "done": job.done, "skipped": job.skipped, "failed": job.failed}
    labels = {"": "All", **_OUTCOMES}
    return [
        {
            "label": label,
            "url": _with(url, outcome=name, back=back),
            "is_active": name == outcome,
            "count": counts[name],
        }
        for name, label in labels.items()
    ]
