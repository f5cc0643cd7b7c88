"""Searching everything that is remembered, by describing it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.forms.search import KINDS, LIMITS, SearchForm, chips_of
from devora_admin.memory.queries import meant, places
from devora_admin.memory.queries.places import Found
from devora_admin.memory.queries.search import Answer, search
from devora_admin.memory.views.away import NotNow, says_so_already
from devora_admin.memory.views.frame import page_context
from devora_admin.shell.listing.forms import changed, without
from devora_admin.staff.permissions import staff_can

EXAMPLES = (
    "where the price is worked out with tax",
    "customer cannot sign in after changing the password",
    "keeps what was typed when the connection is lost",
    "useEffect cleanup",
)
_OUTSIDE = ("kind", "limit", "sort", "cursor", "__all__")
"""What has no field that could show its errors."""


@dataclass(frozen=True, slots=True)
class Results:
    """problem: why there is no answer. Neither where nothing was asked."""

    answer: Answer | None = None
    found: tuple[Found, ...] = ()
    problem: NotNow | None = None
    customer: str = ""
    project: str = ""

    @property
    def shown_next(self) -> int:
        """The place of the first that more results add, from 1."""
        return len(self.found) + 1


@require_safe
@staff_can("memory.view")
def page(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    results = _results(form)
    if nothing_new := says_so_already(request, results.problem):
        return nothing_new
    context = {
        "form": form,
        "results": results,
        "chips": chips_of(form, customer=results.customer, project=results.project),
        "kinds": [
            {"label": label, "url": changed(form.given, kind=name),
             "is_chosen": name == (form.given.get("kind") or "")}
            for name, (label, _) in KINDS.items()
        ],
        "examples": EXAMPLES,
        "undated": _undated(form),
        "dateless_url": without(form.given, "since", "until"),
        "more_url": _more_url(form, results),
        "problems": [text for name in _OUTSIDE for text in form.errors.get(name, ())],
        "is_drawer_open": bool(form.errors.keys() - {"q", *_OUTSIDE}),
    }  # fmt: skip
    part = "memory/search_part.html" if is_htmx(request) else "memory/search.html"
    response = render(request, part, context | page_context("search"))
    response["Vary"] = "HX-Request"
    return response


def _results(form: SearchForm) -> Results:
    if not form.is_valid():
        return Results()
    customer_id = project_id = ""
    answer: Answer | None = None
    problem: NotNow | None = None
    try:
        customer_id = meant.customer(form.text("customer"))
        project_id = meant.project(form.text("project"), user_id=customer_id)
        if form.is_asked:
            answer = search(form.asked(user_id=customer_id, project_id=project_id))
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
    except (MemoryUnavailable, MemoryTooSlow) as error:
        problem = error
    hits = answer.hits if answer else ()
    called = places.names_for(hits, project_id=project_id, customer_id=customer_id)
    customer = called.customers.get(customer_id)
    return Results(
        answer,
        places.found(hits, called),
        problem,
        customer=customer.label if customer else "",
        project=called.projects.get(project_id, ""),
    )


def _undated(form: SearchForm) -> str:
    """How much of what is looked for has no date, while one is asked for: "some", "all" or ""."""
    if not form.given.get("since") and not form.given.get("until"):
        return ""
    if form.given.get("kind") in ("code", "project") or form.given.get("language"):
        return "all"
    return "" if form.given.get("kind") else "some"


def _more_url(form: SearchForm, results: Results) -> str:
    """The same with more results; "" where there are no more."""
    limit = form.cleaned_data.get("limit") if form.is_valid() else None
    if limit is None or len(results.found) < limit:
        return ""
    larger = next((each for each in LIMITS if each > limit), None)
    return changed(form.given, limit=str(larger)) if larger else ""
