"""The page of a list, and the pieces it loads after its rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from devora_admin.core import clock
from devora_admin.core.csv_lines import csv_lines
from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx, redirect_to
from devora_admin.core.listing import counting, export
from devora_admin.core.listing.spec import F, Listing, ListSpec, Page, R
from devora_admin.shell.listing.chips import Chip
from devora_admin.shell.listing.columns import ColumnSet, header
from devora_admin.shell.listing.forms import ListFormBase, without
from devora_admin.shell.listing.remembered import list_url, remember_list

T = TypeVar("T")
_OUTSIDE = ("q", "sort", "cursor", "__all__")
"""What has no field in the drawer of filters."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What is fixed about one list. Its templates lie in a folder of the same name."""

    app: str
    """The namespace of its routes: list, count, columns, export_csv, bulk_confirm."""
    noun: str
    columns: ColumnSet
    choice: str
    """The filter that stands beside the search."""
    choice_label: str
    search_hint: str
    search_advice: str
    """For a search that found nothing."""
    icon: str
    empty_title: str
    empty_message: str
    lead: str = ""
    """A template that stands above the filters and is swapped with the rows."""

    def __getitem__(self, field: str) -> Any:
        """Templates ask this way first."""
        return getattr(self, field)

    @property
    def rows(self) -> str:
        return f"{self.app}/list_rows.html"

    @property
    def fields(self) -> str:
        return f"{self.app}/list_fields.html"

    @property
    def bulk(self) -> str:
        return f"{self.app}/list_bulk.html"


def attempt(form: ListFormBase, load: Callable[[], T]) -> tuple[T | None, str]:
    """What `load` gives, or None and the problem for the page; errors of a field go there."""
    if not form.is_valid():
        return None, ""
    try:
        return load(), ""
    except InvalidInput as error:
        if error.field in form.fields and error.field != "cursor":
            form.add_error(error.field, error.message)
            return None, ""
        return None, error.message


def answer(
    request: HttpRequest,
    screen: Screen,
    form: ListFormBase,
    page: Page[Any] | None,
    *,
    problem: str,
    chips: list[Chip],
    is_empty: Callable[[], bool],
    **own: Any,
) -> HttpResponse:
    """is_empty: whether there is nothing to list at all; asked when a page has no rows."""
    shown = screen.columns.chosen(request)
    context = {
        "screen": screen,
        "form": form,
        "choice": form[screen.choice],
        "page": page,
        "problem": problem or _page_errors(form),
        "chips": chips,
        "headers": [header(form, column) for column in (screen.columns.title, *shown)],
        "columns": [
            (column, column in shown) for column in screen.columns.others if not column.is_fixed
        ],
        "shown": {column.key for column in shown},
        "order": "" if form.errors.get("sort") else form["sort"].value() or "",
        "filter_query": without(form.given),
        "first_page": without(form.given, *(["sort"] if form.errors.get("sort") else [])),
        "is_drawer_open": bool(form.errors.keys() - {*_OUTSIDE, screen.choice}),
        "nothing_at_all": bool(page and not page.rows and is_empty()),
        **own,
    }
    whole = f"{screen.app}/list.html"
    template = "components/list/listing.html" if is_htmx(request) else whole
    response = render(request, template, context, status=200 if page else 422)
    response["Vary"] = "HX-Request"
    if page:
        remember_list(response, request, screen.app)
    return response


def _page_errors(form: ListFormBase) -> str:
    """Errors of what has no field to stand at."""
    found = [*form.non_field_errors(), *form.errors.get("sort", []), *form.errors.get("cursor", [])]
    return " ".join(found)


def count_answer(
    request: HttpRequest,
    screen: Screen,
    form: ListFormBase,
    count: Callable[[], int],
    *,
    can_select: bool,
    can_export: bool,
) -> HttpResponse:
    """How many match, for the places of the list that say so."""
    number, problem = None, ""
    if form.is_valid():
        try:
            number = count()
        except InvalidInput as error:
            problem = error.message
    context = {
        "screen": screen,
        "number": number,
        "label": counting.label(number),
        "problem": problem,
        "can_select": can_select,
        "can_export": can_export,
    }
    status = 200 if form.is_valid() else 422
    return render(request, "components/list/count.html", context, status=status)


def columns_answer(request: HttpRequest, screen: Screen) -> HttpResponse:
    response = redirect_to(request, list_url(request, screen.app))
    screen.columns.keep(response, request.POST.getlist("column"))
    return response


def csv_answer(
    screen: Screen,
    spec: ListSpec[F, R],
    listing: Listing[F],
    header: Iterable[str],
    cells: Callable[[R], Iterable[str]],
) -> StreamingHttpResponse:
    """The number of rows stands in the file's name, so that a cut-off file can be told."""
    number = counting.count(spec, listing.filters, most=counting.MOST_EXPORTED)
    rows = map(cells, export.every_row(spec, listing))
    response = StreamingHttpResponse(
        csv_lines(header, rows), content_type="text/csv; charset=utf-8"
    )
    name = f"{screen.noun}s-{clock.now():%Y-%m-%d}-{number}-rows.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Row-Count"] = str(number)
    return response
