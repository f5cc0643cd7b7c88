"""The projects list and the pieces it loads after its rows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx, redirect_to
from devora_admin.projects.forms.chips import chips, without
from devora_admin.projects.forms.columns import (
    COLUMNS,
    NAME,
    Column,
    chosen_columns,
    keep_columns,
)
from devora_admin.projects.forms.listing import DEFAULT_SORT, SORT_CHOICES, ListForm
from devora_admin.projects.queries import listing
from devora_admin.projects.queries.asked import Asked, resolve
from devora_admin.projects.queries.seen import seen
from devora_admin.projects.views.remembered import list_url, remember_list
from devora_admin.staff.permissions import allowed, staff_can


@require_safe
@staff_can("projects.view")
def projects_list(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET)
    page, asked, problem = None, None, ""
    if form.is_valid():
        try:
            asked = resolve(form.listing())
            page = listing.page(
                asked.listing, cursor=form.cleaned_data["cursor"], owner=asked.owner
            )
        except InvalidInput as error:
            problem = _place(form, error)
    template = "projects/list.html" + ("#listing" if is_htmx(request) else "")
    context = _context(request, form, asked, page, problem)
    response = render(request, template, context, status=200 if page else 422)
    response["Vary"] = "HX-Request"
    if page:
        remember_list(response, request)
    return response


@require_safe
@staff_can("projects.view")
def count(request: HttpRequest) -> HttpResponse:
    """How many match, for the places of the list that say so."""
    form = ListForm(request.GET)
    number, problem = None, ""
    if form.is_valid():
        try:
            number = listing.count(resolve(form.listing()).listing.filters)
        except InvalidInput as error:
            problem = error.message
    context = {
        "number": number,
        "label": count_label(number),
        "problem": problem,
        "can_archive": allowed(request, "projects.archive"),
        "can_export": allowed(request, "projects.export"),
    }
    status = 200 if form.is_valid() else 422
    return render(request, "projects/list_count.html", context, status=status)


@require_safe
@staff_can("projects.view")
def options(request: HttpRequest) -> HttpResponse:
    """What the type and language filters offer; its own request, as the rows come first."""
    return render(request, "projects/list_options.html", {"seen": seen()})


@require_POST
@staff_can("projects.view")
def columns(request: HttpRequest) -> HttpResponse:
    response = redirect_to(request, list_url(request))
    keep_columns(response, request.POST.getlist("column"))
    return response


def count_label(number: int | None) -> str:
    if number is None:
        return "all"
    return f"{listing.MOST_COUNTED:,}+" if number > listing.MOST_COUNTED else f"{number:,}"


def _place(form: ListForm, error: InvalidInput) -> str:
    """Puts the error at its field, or returns it for the page."""
    if error.field in form.fields and error.field != "cursor":
        form.add_error(error.field, error.message)
        return ""
    return error.message


def _page_errors(form: ListForm) -> str:
    """Errors of what has no field to stand at."""
    found = [*form.non_field_errors(), *form.errors.get("sort", []), *form.errors.get("cursor", [])]
    return " ".join(found)


def _context(
    request: HttpRequest,
    form: ListForm,
    asked: Asked | None,
    page: listing.ProjectPage | None,
    problem: str,
) -> dict[str, Any]:
    owner_label = _owner_label(asked, page)
    narrowed = bool(form.is_valid() and form.listing().filters.any_set)
    shown = chosen_columns(request)
    return {
        "form": form,
        "page": page,
        "problem": problem or _page_errors(form),
        "chips": chips(form, owner_label=owner_label),
        "searched_owner": asked.owner if asked and not asked.listing.filters.q else None,
        "headers": [_header(form, column) for column in (NAME, *shown)],
        "columns": [(column, column in shown) for column in COLUMNS],
        "shown": {column.key for column in shown},
        "order": "" if form.errors.get("sort") else form["sort"].value() or "",
        "filter_query": without(form.given),
        "first_page": without(form.given, *(["sort"] if form.errors.get("sort") else [])),
        "nothing_at_all": bool(page and not page.rows and not narrowed and listing.is_empty()),
        "can": {
            name: allowed(request, f"projects.{name}") for name in ("archive", "export", "create")
        },
    }


def _owner_label(asked: Asked | None, page: listing.ProjectPage | None) -> str:
    if asked is None or not asked.listing.filters.owner_id:
        return ""
    row_owners = [row.owner for row in page.rows[:1] if row.owner] if page else []
    owner = asked.owner or next(iter(row_owners), None)
    return (owner.name or owner.email or owner.id) if owner else ""


def _header(form: ListForm, column: Column) -> dict[str, Any]:
    """aria: how the list is sorted by it; query: the list sorted by it, or the other way round."""
    current = form["sort"].value() or DEFAULT_SORT
    aria = {f"-{column.sort}": "descending", column.sort: "ascending"}.get(current, "")
    query = ""
    if column.sort:
        first = column.sort if column.sort == "name" else f"-{column.sort}"
        other = current.removeprefix("-") if current.startswith("-") else f"-{current}"
        left = form.given.copy()
        left.pop("cursor", None)
        left["sort"] = other if aria and current in SORT_CHOICES else first
        query = "?" + left.urlencode()
    return {"column": column, "aria": aria if column.sort else "", "query": query}
