"""Boards: the list, one with its charts, and the charts that come as one scrolls to them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.analytics.boards import setup
from devora_admin.analytics.boards.reading import Board, board, boards_of
from devora_admin.analytics.forms.range import Range, RangeForm
from devora_admin.analytics.notes import setup as note_setup
from devora_admin.analytics.pages.board import pieces
from devora_admin.analytics.rollups.state import State, state
from devora_admin.analytics.views import frame
from devora_admin.analytics.views.marked import Marked, Marking
from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx, redirect_to
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can

AT_ONCE = 4
"""Charts that are read for one answer."""


@require_safe
@staff_can("analytics.view")
def boards(request: HttpRequest) -> HttpResponse:
    context = {
        "rows": boards_of(audit.actor_of(request).id),
        "tabs": frame.tabs_of("analytics:boards"),
        "may_manage": allowed(request, setup.MANAGE),
    }
    return render(request, "analytics/boards.html", context)


@require_safe
@staff_can("analytics.view")
def shown(request: HttpRequest, board_id: str) -> HttpResponse:
    """all: every chart at once, for who has no script."""
    found = board(board_id, audit.actor_of(request).id)
    count = len(found.charts) if request.GET.get("all") else AT_ONCE

    def read(form: RangeForm, now: State) -> dict[str, Any]:
        marking = Marking(request, form.range().hidden, now)
        marked = Marked(marking.switches(), allowed(request, note_setup.MANAGE))
        return _part(request, found, form, now, marking, 0, count) | {"marked": marked}

    return frame.page(
        request, "analytics/board.html", "analytics:boards", RangeForm, read,
        here=reverse("analytics:board", args=[board_id]), has_default=False, board=found,
        may_change=found.is_own or allowed(request, setup.MANAGE),
    )  # fmt: skip


@require_safe
@staff_can("analytics.view")
def more(request: HttpRequest, board_id: str) -> HttpResponse:
    """after: how many charts are there already."""
    address = reverse("analytics:board", args=[board_id])
    if not is_htmx(request):
        return redirect_to(request, f"{address}?all=1")
    given = request.GET.get("after", "")
    after = int(given) if given.isdecimal() and len(given) < 4 else 0
    found, now = board(board_id, audit.actor_of(request).id), state()
    form = RangeForm(request.GET, now.zone)
    if not form.is_valid():
        raise InvalidInput("There is no such time.")
    marking = Marking(request, form.range().hidden, now)
    context = _part(request, found, form, now, marking, after, AT_ONCE)
    return render(request, "analytics/board_charts.html", {**context, "board": found})


def _part(
    request: HttpRequest,
    found: Board,
    form: RangeForm,
    now: State,
    marking: Marking,
    after: int,
    count: int,
) -> dict[str, Any]:
    asked: Range | None = form.range() if frame.is_asked(request) else None
    end = after + count
    read = pieces(found.charts[after:end], asked, now.zone, lambda range_: marking.of(range_).notes)
    left = max(0, len(found.charts) - end)
    query = request.GET.copy()
    query.pop("all", None)
    query["after"] = str(end)
    return {"pieces": read, "left": left, "more_query": query.urlencode()}
