"""Pages of charts."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.analytics.alerts.listing import firing
from devora_admin.analytics.charts import files
from devora_admin.analytics.charts.chart import Chart, Note
from devora_admin.analytics.forms.explore import ExploreForm
from devora_admin.analytics.forms.range import Range, RangeForm
from devora_admin.analytics.pages.customers import customers as read_customers
from devora_admin.analytics.pages.explore import explored
from devora_admin.analytics.pages.generations import generations as read_generations
from devora_admin.analytics.pages.overview import overview as read_overview
from devora_admin.analytics.pages.projects import projects as read_projects
from devora_admin.analytics.queries.live import live as read_live
from devora_admin.analytics.queries.types import type_names
from devora_admin.analytics.rollups.state import State, state
from devora_admin.analytics.views import frame
from devora_admin.analytics.views.marked import marked
from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.http import is_htmx
from devora_admin.staff.permissions import allowed, staff_can


class Page(Protocol):
    @property
    def charts(self) -> list[Chart]: ...


PAGES: dict[str, Callable[[Range, State, Sequence[Note]], Page]] = {
    "overview": read_overview,
    "generations": read_generations,
    "customers": read_customers,
    "projects": read_projects,
}


@require_safe
@staff_can("analytics.view")
def overview(request: HttpRequest) -> HttpResponse:
    return _page(
        request, "overview", firing=firing(), may_manage=allowed(request, "analytics.manage")
    )


@require_safe
@staff_can("analytics.view")
def generations(request: HttpRequest) -> HttpResponse:
    return _page(request, "generations")


@require_safe
@staff_can("analytics.view")
def customers(request: HttpRequest) -> HttpResponse:
    return _page(request, "customers")


@require_safe
@staff_can("analytics.view")
def projects(request: HttpRequest) -> HttpResponse:
    return _page(request, "projects")


@require_safe
@staff_can("analytics.view")
def explore(request: HttpRequest) -> HttpResponse:
    def read(form: ExploreForm, now: State) -> dict[str, Any]:
        found = marked(request, form.range(), now)
        return {"found": explored(form, found.notes), "marked": found}

    return frame.page(
        request, "analytics/explore.html", "analytics:explore", ExploreForm, read,
        event_types=type_names(), may_manage=allowed(request, "analytics.manage"),
    )  # fmt: skip


@require_safe
@staff_can("analytics.view")
def live(request: HttpRequest) -> HttpResponse:
    """Asks for itself every five seconds; a part of the page is enough then."""
    part = "#live" if is_htmx(request) else ""
    context = {"live": read_live(), "tabs": frame.tabs_of("analytics:live")}
    return render(request, f"analytics/live.html{part}", context)


@require_safe
@staff_can("analytics.view")
def csv(request: HttpRequest, page: str, chart: str) -> StreamingHttpResponse:
    found = next((each for each in _charts(request, page) if each.name == chart), None)
    if found is None:
        raise NotFound("chart", chart)
    response = StreamingHttpResponse(files.lines_of(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{files.name_of(found, page)}"'
    return response


def _page(request: HttpRequest, name: str, **more: Any) -> HttpResponse:
    def read(form: RangeForm, now: State) -> dict[str, Any]:
        asked = form.range()
        found = marked(request, asked, now)
        return {"page": PAGES[name](asked, now, found.notes), "marked": found}

    return frame.page(
        request, f"analytics/{name}.html", f"analytics:{name}", RangeForm, read, **more
    )


def _charts(request: HttpRequest, page: str) -> list[Chart]:
    if page != "explore" and page not in PAGES:
        raise NotFound("page", page)
    now = state()
    form = (ExploreForm if page == "explore" else RangeForm)(request.GET, now.zone)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInput(str(errors[0]), field=field)
    if isinstance(form, ExploreForm):
        return [explored(form, []).chart]
    return PAGES[page](form.range(), now, []).charts
