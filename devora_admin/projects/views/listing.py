"""The projects list and the pieces it loads after its rows."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST, require_safe

from devora_admin.core.listing import counting
from devora_admin.projects.forms.listing import ListForm, chips_of
from devora_admin.projects.queries import listing
from devora_admin.projects.queries.asked import Asked, resolve
from devora_admin.projects.queries.export_rows import HEADER, cells
from devora_admin.projects.queries.listing import PROJECTS, ProjectPage
from devora_admin.projects.queries.seen import seen
from devora_admin.shell.listing import screen
from devora_admin.shell.listing.columns import Column, ColumnSet
from devora_admin.shell.listing.forms import changed, checked
from devora_admin.shell.listing.screen import Screen
from devora_admin.staff.group_offers import offers
from devora_admin.staff.permissions import allowed, staff_can

SCREEN = Screen(
    app="projects",
    noun="project",
    columns=ColumnSet(
        cookie="projects_columns",
        title=Column("name", "Name", sort="name", is_text=True),
        others=(
            Column("owner", "Owner"),
            Column("type", "Type"),
            Column("files", "Files", is_number=True),
            Column("size", "Size", is_number=True),
            Column("updated", "Updated", sort="updated"),
            Column("created", "Created", sort="created"),
            Column("archived", "Archived"),
        ),
        default=("owner", "type", "files", "size", "updated", "archived"),
    ),
    choice="archived",
    choice_label="Archived or in use",
    search_hint="Name, words, project id, owner id or e-mail",
    search_advice="search by the beginning of a name or by whole words",
    icon="boxes",
    empty_title="No project yet",
    empty_message=(
        "Projects appear here as customers build them. To look around, import a folder with "
        "“manage.py import_project PATH --user ID” or make demo data with “manage.py seed_demo”."
    ),
)


def _may(request: HttpRequest) -> dict[str, bool]:
    may = {"can_select": "projects.archive", "can_export": "projects.export"}
    return {name: allowed(request, permission) for name, permission in may.items()}


@require_safe
@staff_can("projects.view")
def projects_list(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET)
    found, problem = screen.attempt(form, lambda: _found(form))
    asked, page = found or (None, None)
    chips = chips_of(form, owner_label=_owner_label(asked, page))
    can_widen = not form["archived"].value()
    return screen.answer(
        request,
        SCREEN,
        form,
        page,
        problem=problem,
        chips=chips,
        kept=form.kept(),
        offers=offers(request, form),
        catalogue=form.GROUPS.catalogue(),
        is_empty=lambda: not form.listing().filters.any_set and counting.is_empty(PROJECTS),
        no_match_note=_no_match_note(bool(chips), can_widen),
        wider_label="Search archived ones too" if can_widen else "",
        wider_query=changed(form.given, archived="any"),
        **_may(request),
        can_create=allowed(request, "projects.create"),
        can_delete=form["archived"].value() == "yes" and allowed(request, "projects.delete"),
    )


def _found(form: ListForm) -> tuple[Asked, ProjectPage]:
    asked = resolve(form.listing())
    cursor = form.cleaned_data["cursor"]
    return asked, listing.page(asked.listing, cursor=cursor, owner=asked.owner)


def _owner_label(asked: Asked | None, page: ProjectPage | None) -> str:
    if asked is None or not asked.listing.filters.owner_id:
        return ""
    row_owners = [row.owner for row in page.rows[:1] if row.owner] if page else []
    owner = asked.owner or next(iter(row_owners), None)
    return (owner.name or owner.email or owner.id) if owner else ""


def _no_match_note(narrowed: bool, without_archived: bool) -> str:
    if not narrowed:
        return "Every project is archived."
    return "Archived projects are not shown." if without_archived else ""


@require_safe
@staff_can("projects.view")
def count(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET)
    return screen.count_answer(
        request,
        SCREEN,
        form,
        lambda: listing.count(resolve(form.listing()).listing.filters),
        **_may(request),
    )


@require_safe
@staff_can("projects.view")
def options(request: HttpRequest) -> HttpResponse:
    """What the type and language filters offer; its own request, as the rows come first."""
    return render(request, "projects/list_options.html", {"seen": seen()})


@require_POST
@staff_can("projects.view")
def columns(request: HttpRequest) -> HttpResponse:
    return screen.columns_answer(request, SCREEN)


@require_GET
@staff_can("projects.export")
def export_csv(request: HttpRequest) -> HttpResponseBase:
    form = ListForm(request.GET)
    checked(form)
    return screen.csv_answer(SCREEN, PROJECTS, resolve(form.listing()).listing, HEADER, cells)
