"""The charts of a board as a list: put in order, renamed and taken out."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.analytics.boards import setup
from devora_admin.analytics.boards.reading import board
from devora_admin.analytics.forms.boards import TitleForm
from devora_admin.analytics.pages.board import titles
from devora_admin.analytics.rollups.state import state
from devora_admin.analytics.views import frame
from devora_admin.analytics.views.boards.places import arranged
from devora_admin.core.errors import NotFound
from devora_admin.core.http import is_htmx, redirect_to
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.staff.views.kept import kept, seen_revision


@require_safe
@staff_can("analytics.view")
def arrange(request: HttpRequest, board_id: str) -> HttpResponse:
    return _list(request, board_id)


def _list(request: HttpRequest, board_id: str, part: str = "") -> HttpResponse:
    found = board(board_id, audit.actor_of(request).id)
    context = {
        "board": found,
        "rows": list(zip(found.charts, titles(found.charts, state().zone), strict=True)),
        "tabs": frame.tabs_of("analytics:boards"),
    }
    return render(request, f"analytics/board_arrange.html{part}", context)


@require_POST
@staff_can("analytics.view")
def up(request: HttpRequest, board_id: str, part_id: str) -> HttpResponse:
    return _moved(request, board_id, part_id, -1)


@require_POST
@staff_can("analytics.view")
def down(request: HttpRequest, board_id: str, part_id: str) -> HttpResponse:
    return _moved(request, board_id, part_id, 1)


def _moved(request: HttpRequest, board_id: str, part_id: str, by: int) -> HttpResponse:
    revision, actor = seen_revision(request), audit.actor_of(request)
    setup.move_chart(board_id, part_id, by, revision=revision, actor=actor)
    if is_htmx(request):
        return _list(request, board_id, "#list")
    return redirect_to(request, arranged(board_id))


@require_http_methods(["GET", "POST"])
@staff_can("analytics.view")
def rename(request: HttpRequest, board_id: str, part_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    found = board(board_id, actor.id)
    chart = next((each for each in found.charts if each.id == part_id), None)
    if chart is None:
        raise NotFound("chart of this board", part_id)
    initial = {"title": chart.title, "revision": found.revision}
    form = TitleForm(posted(request), initial=initial)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = setup.rename_chart(
            board_id, part_id, data["title"], revision=data["revision"] or 0, actor=actor
        )
        return kept(request, arranged(board_id), done, "Title saved")

    dialog = Dialog("Rename the chart", "Save", arranged(board_id))
    return answer(request, dialog, form, save)


@require_POST
@staff_can("analytics.view")
def remove(request: HttpRequest, board_id: str, part_id: str) -> HttpResponse:
    revision, actor = seen_revision(request), audit.actor_of(request)
    done = setup.remove_chart(board_id, part_id, revision=revision, actor=actor)
    return kept(request, arranged(board_id), done, "Chart taken out")
