"""The inbox: the list of issues, and the pieces it loads after its rows."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core import clock
from devora_admin.core.listing.spec import Page
from devora_admin.shell.listing import screen
from devora_admin.shell.listing.columns import Column, ColumnSet
from devora_admin.shell.listing.forms import changed
from devora_admin.shell.listing.screen import Screen
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.support.forms.inbox import InboxForm, chips_of
from devora_admin.support.queries import inbox, lines, searching, standing
from devora_admin.support.queries.lines import Line
from devora_admin.support.queries.saved import views_of
from devora_admin.support.services import assigning
from devora_admin.support.views.tabs import tabs_of

SCREEN = Screen(
    app="support",
    noun="issue",
    columns=ColumnSet(
        cookie="support_columns",
        title=Column("subject", "Issue"),
        others=(
            Column("customer", "Customer"),
            Column("status", "Status"),
            Column("priority", "Priority", sort="urgency"),
            Column("assignee", "Assignee"),
            Column("tags", "Tags"),
            Column("updated", "Updated", sort="updated"),
            Column("due", "Due", sort="due", is_text=True),
            Column("source", "Came from"),
            Column("created", "Opened"),
        ),
        default=("customer", "status", "priority", "assignee", "tags", "updated", "due"),
    ),
    choice="status",
    choice_label="Status",
    search_hint="#123, customer, project, or words of the conversation",
    search_advice="search for whole words, a number such as #123, or the beginning of a name",
    icon="inbox",
    empty_title="No issue yet",
    empty_message="Issues appear here as customers ask for help, or as staff open them.",
    lead="support/inbox_lead.html",
)

_MOMENTS = {"opened": "Opened", "resolved": "Resolved", "breached": "Broken"}


@require_safe
@staff_can("issues.view")
def inbox_list(request: HttpRequest) -> HttpResponse:
    form, staff_id = InboxForm(request.GET), str(request.user.pk)
    people = assigning.possible()
    view = form.view_of(staff_id) if form.is_valid() else standing.ALL
    since = clock.now()
    page, problem = screen.attempt(form, lambda: _page(form, view, staff_id, people))
    query = changed(form.given, view=view)
    search = form["q"].value() or ""
    return screen.answer(
        request,
        _screen(form),
        form,
        page,
        problem=problem,
        chips=chips_of(form, people=people, customer=_customer_of(page)),
        is_empty=inbox.is_empty,
        tabs=tabs_of(views_of(staff_id), view=view, saved_id=str(form["saved"].value() or "")),
        view=view,
        when_label=_MOMENTS.get(form.moment, ""),
        view_name=standing.NAMES[view],
        kept=[("view", view)],
        people=people,
        can_share=allowed(request, "issues.manage"),
        live_query=query,
        since_ms=int(since.timestamp() * 1000),
        is_common=bool(search) and searching.is_common(search),
        new_url=_address("support:new"),
        no_match_note="",
        wider_label="Look in all issues" if view != standing.ALL else "",
        wider_query=changed(form.given, view=standing.ALL),
        filter_query=query,
        can_select=allowed(request, "issues.work"),
        can_export=False,
    )


def _screen(form: InboxForm) -> Screen:
    """With a column of what bounds the list in time, by which it is sorted; in place of the last
    change, unless that is asked for."""
    moment, columns = form.moment, SCREEN.columns
    if moment == "asked":  # of whom was asked, the latest issues first
        columns = replace(columns, title=replace(columns.title, sort="when"))
    elif moment:
        others = tuple(
            each for each in columns.others if (each.key, moment) != ("created", "opened")
        )
        when = Column("when", _MOMENTS[moment], sort="when", is_fixed=True)
        is_by_change = str(form["sort"].value()).endswith("updated")
        default = tuple(each for each in columns.default if each != "updated" or is_by_change)
        columns = replace(columns, others=(*others, when), default=default)
    return replace(SCREEN, columns=columns)


def _page(form: InboxForm, view: str, staff_id: str, people: dict[str, str]) -> Page[Line]:
    asked = form.asked(view, staff_id)
    return lines.page_of(asked, cursor=form.cleaned_data["cursor"], people=people)


def _customer_of(page: Page[Line] | None) -> str:
    """What the chip says: the filter holds an id."""
    return page.rows[0].customer.label if page and page.rows else ""


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@require_safe
@staff_can("issues.view")
def count(request: HttpRequest) -> HttpResponse:
    form, staff_id = InboxForm(request.GET), str(request.user.pk)

    def counted() -> int:
        asked = form.asked(form.view_of(staff_id), staff_id)
        return inbox.count(asked.filters) if asked.filters else 0

    may: dict[str, Any] = {"can_select": allowed(request, "issues.work"), "can_export": False}
    return screen.count_answer(request, SCREEN, form, counted, **may)


@require_safe
@staff_can("issues.view")
def options(request: HttpRequest) -> HttpResponse:
    """What the filters offer; its own request, as the rows come first."""
    return render(request, "support/list_options.html", {"tags": inbox.tags_seen()})


@require_POST
@staff_can("issues.view")
def columns(request: HttpRequest) -> HttpResponse:
    return screen.columns_answer(request, SCREEN)
