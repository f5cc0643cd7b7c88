"""The customers list and the pieces it loads after its rows."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST, require_safe

from devora_admin.core.listing import counting, paging
from devora_admin.core.listing.spec import Page
from devora_admin.shell.listing import screen
from devora_admin.shell.listing.columns import Column, ColumnSet
from devora_admin.shell.listing.forms import checked
from devora_admin.shell.listing.screen import Screen
from devora_admin.staff.group_offers import offers
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.users.forms.listing import CustomersForm, chips_of
from devora_admin.users.queries.export_rows import HEADER, cells
from devora_admin.users.queries.listing import CUSTOMERS, offered
from devora_admin.users.queries.rows import CustomerRow

SCREEN = Screen(
    app="users",
    noun="customer",
    columns=ColumnSet(
        cookie="users_columns",
        title=Column("name", "Name", sort="name", is_text=True),
        others=(
            Column("email", "E-mail", sort="email", is_text=True),
            Column("status", "Status"),
            Column("plan", "Plan"),
            Column("subscription", "Subscription"),
            Column("created", "Signed up", sort="created"),
            Column("seen", "Last seen", sort="seen"),
            Column("id", "Id"),
        ),
        default=("email", "status", "plan", "created", "seen"),
    ),
    choice="status",
    choice_label="Status",
    search_hint="Name, start of an e-mail address, or customer id",
    search_advice="search by the beginning of a name or address, or by whole words of a name",
    icon="people",
    empty_title="No customer yet",
    empty_message=(
        "Customers appear here as they sign up on the platform. To look around, make demo data "
        "with “manage.py seed_demo”."
    ),
)


def _may(request: HttpRequest) -> dict[str, bool]:
    may = {"can_select": "users.suspend", "can_export": "users.export"}
    return {name: allowed(request, permission) for name, permission in may.items()}


@require_safe
@staff_can("users.view")
def customers_list(request: HttpRequest) -> HttpResponse:
    form = CustomersForm(request.GET)
    page, problem = screen.attempt(form, lambda: _page(form))
    return screen.answer(
        request,
        SCREEN,
        form,
        page,
        problem=problem,
        chips=chips_of(form),
        is_empty=lambda: not form.listing().filters.any_set and counting.is_empty(CUSTOMERS),
        kept=form.kept(),
        offers=offers(request, form),
        catalogue=form.GROUPS.catalogue(),
        **_may(request),
    )


def _page(form: CustomersForm) -> Page[CustomerRow]:
    return paging.page(CUSTOMERS, form.listing(), cursor=form.cleaned_data["cursor"])


@require_safe
@staff_can("users.view")
def count(request: HttpRequest) -> HttpResponse:
    form = CustomersForm(request.GET)
    return screen.count_answer(
        request,
        SCREEN,
        form,
        lambda: counting.count(CUSTOMERS, form.listing().filters),
        **_may(request),
    )


@require_safe
@staff_can("users.view")
def options(request: HttpRequest) -> HttpResponse:
    """What the filters offer; its own request, as the rows come first."""
    return render(request, "users/list_options.html", {"offered": offered()})


@require_POST
@staff_can("users.view")
def columns(request: HttpRequest) -> HttpResponse:
    return screen.columns_answer(request, SCREEN)


@require_GET
@staff_can("users.export")
def export_csv(request: HttpRequest) -> HttpResponseBase:
    form = CustomersForm(request.GET)
    checked(form)
    return screen.csv_answer(SCREEN, CUSTOMERS, form.listing(), HEADER, cells)
