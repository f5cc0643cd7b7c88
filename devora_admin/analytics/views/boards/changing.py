"""Boards made, renamed, shared, copied and deleted, and charts saved to them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.analytics.boards import setup
from devora_admin.analytics.boards.reading import board, boards_of
from devora_admin.analytics.forms.boards import BoardForm, SaveForm
from devora_admin.analytics.forms.explore import ExploreForm
from devora_admin.analytics.rollups.state import state
from devora_admin.analytics.views.boards.places import home, of
from devora_admin.core.errors import InvalidInput
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.views.kept import kept, seen_revision


@require_http_methods(["GET", "POST"])
@staff_can("analytics.view")
def new(request: HttpRequest) -> HttpResponse:
    form = BoardForm(posted(request), may_share=allowed(request, setup.MANAGE))

    def save(data: Mapping[str, Any]) -> HttpResponse:
        shared = data.get("is_shared", False)
        done = setup.create(audit.actor_of(request), name=data["name"], is_shared=shared)
        return kept(request, of(done.id), done, "Board made")

    return answer(request, Dialog("New board", "Make it", home()), form, save)


@require_http_methods(["GET", "POST"])
@staff_can("analytics.view")
def save_chart(request: HttpRequest) -> HttpResponse:
    """Of what explore is asked in this address."""
    actor, may_manage = audit.actor_of(request), allowed(request, setup.MANAGE)
    query = _kept_query(request)
    offered = [each for each in boards_of(actor.id) if each.is_own or may_manage]
    form = SaveForm(posted(request), boards=offered)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        title, board_id = data["title"], data["board"]
        if board_id:
            done = setup.add_chart(board_id, title=title, query=query, actor=actor)
        else:
            charts = [setup.a_chart(title, query)]
            done = setup.create(actor, name=data["name"], charts=charts)
        return kept(request, of(done.id), done, "Chart saved")

    back = f"{reverse('analytics:explore')}?{query}"
    return answer(request, Dialog("Save to a board", "Save", back), form, save)


def _kept_query(request: HttpRequest) -> str:
    """Raises InvalidInput for what explore would not show."""
    form = ExploreForm(request.GET, state().zone)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInput(str(errors[0]), field=field)
    asked = {name: value for name, value in form.query().items() if value and name != "hide"}
    return urlencode(asked)


@require_http_methods(["GET", "POST"])
@staff_can("analytics.view")
def edit(request: HttpRequest, board_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    found = board(board_id, actor.id)
    initial = {name: getattr(found, name) for name in ("name", "is_shared", "revision")}
    may_share = found.is_own and allowed(request, setup.MANAGE)  # nobody takes one for themselves
    form = BoardForm(posted(request), initial=initial, may_share=may_share)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = setup.edit(
            board_id, name=data["name"], is_shared=data.get("is_shared"),
            revision=data["revision"] or 0, actor=actor,
        )  # fmt: skip
        return kept(request, of(board_id), done, "Board saved")

    return answer(request, Dialog("Edit the board", "Save", of(board_id)), form, save)


@require_POST
@staff_can("analytics.view")
def duplicate(request: HttpRequest, board_id: str) -> HttpResponse:
    done = setup.duplicate(board_id, actor=audit.actor_of(request))
    return kept(request, of(done.id), done, "Board copied. This one is yours alone.")


@require_POST
@staff_can("analytics.view")
def delete(request: HttpRequest, board_id: str) -> HttpResponse:
    revision, actor = seen_revision(request), audit.actor_of(request)
    done = setup.delete(board_id, revision=revision, actor=actor)
    return kept(request, home(), done, "Board deleted")
