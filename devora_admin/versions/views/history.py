"""The history of a project: its versions, newest first."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.projects.queries.detail import project_header
from devora_admin.projects.views.numbers import number
from devora_admin.projects.views.tabs import page_context
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.versions import wording
from devora_admin.versions.days import day_title
from devora_admin.versions.queries import history as queries
from devora_admin.versions.queries.history import By, Filters, HistoryPage, HistoryRow
from devora_admin.versions.queries.standing import is_followed

LONGEST_PATH = 1000
_CHOICES: tuple[By, ...] = ("staff", "customer", "ai", "platform")


@staff_can("projects.view")
@require_safe
def history(request: HttpRequest, project_id: str) -> HttpResponse:
    """before, after: a version's number. file: a path. by: who made it."""
    filters = _filters(request)
    page = queries.history_page(
        project_id,
        filters,
        before=number(request.GET.get("before"), field="before"),
        after=number(request.GET.get("after"), field="after"),
    )
    context = _shown(page, filters) | {"project_id": project_id}
    if is_htmx(request):
        return render(request, "versions/history_list.html", context | _may(request))
    context |= page_context(request, project_header(project_id), "history")
    return render(request, "versions/history.html", context)


@staff_can("projects.view")
@require_safe
def files(request: HttpRequest, project_id: str) -> HttpResponse:
    """Options for the field that asks for a path."""
    paths = queries.suggested_paths(project_id, request.GET.get("file", "")[:LONGEST_PATH])
    return render(request, "versions/history_files.html", {"paths": paths})


@dataclass(frozen=True, slots=True)
class Day:
    title: str
    rows: list[HistoryRow]


@dataclass(frozen=True, slots=True)
class Chip:
    by: By
    label: str
    icon: str
    is_chosen: bool


def _filters(request: HttpRequest) -> Filters:
    by, path = request.GET.get("by", ""), request.GET.get("file", "")
    if by and by not in _CHOICES:
        raise InvalidInput("Choose staff, customer, AI or platform.", field="by")
    if len(path) > LONGEST_PATH:
        raise InvalidInput("No path is as long as that.", field="file")
    return Filters(file=path, by=by)


def _shown(page: HistoryPage, filters: Filters) -> dict[str, Any]:
    days = [
        Day(title, list(rows))
        for title, rows in groupby(page.rows, key=lambda row: day_title(row.head.changed_at))
    ]
    chips = [Chip("", "Everyone", icon="list", is_chosen=not filters.by)]
    for by in _CHOICES:
        kind = wording.AUTHORS[by]
        chips.append(Chip(by, kind.label, kind.icon, filters.by == by))
    shown = {"page": page, "days": days, "filters": filters, "chips": chips}
    if page.newest is None:
        shown["is_followed"] = is_followed()
    return shown


def _may(request: HttpRequest) -> dict[str, Any]:
    return {"may": {name: allowed(request, f"projects.{name}") for name in ("edit", "export")}}
