"""How the support desk is doing: a page of numbers, and each of its tables as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import get_current_timezone_name
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.shell.listing.forms import changed, without
from devora_admin.staff.permissions import staff_can
from devora_admin.staff.queries import accounts
from devora_admin.support.forms.reports import LENGTHS, ReportForm, today
from devora_admin.support.reports import files, shown
from devora_admin.support.reports.links import Links
from devora_admin.support.reports.report import EVERY_ROW, Report, report
from devora_admin.support.reports.span import Span, until
from devora_admin.support.reports.table_page import tables_of


@require_safe
@staff_can("issues.view")
def page(request: HttpRequest) -> HttpResponse:
    names = accounts.names()
    form = ReportForm(request.GET, names)
    context: dict[str, Any] = {"form": form, "lengths": _lengths(request, form)}
    if form.is_valid():
        try:
            found = report(form.span(), form.about(), order=form.order(), names=names)
        except InvalidInput as error:
            context["problem"] = error.message
        else:
            context |= _shown(request, form, found)
    status = 200 if "report" in context else 422
    return render(request, "support/reports/page.html", context, status=status)


@require_safe
@staff_can("issues.view")
def export(request: HttpRequest, table: str) -> StreamingHttpResponse:
    if table not in files.TABLES:
        raise NotFound("table", table[:40])
    names = accounts.names()
    form = ReportForm(request.GET, names)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInput(str(errors[0]), field=field)
    found = report(form.span(), form.about(), order=form.order(), names=names, most=EVERY_ROW)
    rows = files.lines_of(table, found, Links(found.span, form.about()))
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    name = files.name_of(table, found)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _shown(request: HttpRequest, form: ReportForm, found: Report) -> dict[str, Any]:
    links = Links(found.span, form.about())
    return {
        "report": found,
        "before": found.span.earlier,
        "groups": shown.lines(found, links),
        "tables": tables_of(found, links, order=form.order(), given=_given(request)),
        "days": [(each, Links(Span(each.day, each.day), form.about())) for each in found.days],
        "query": without(_given(request)),
        "zone": get_current_timezone_name(),
    }


def _lengths(request: HttpRequest, form: ReportForm) -> list[tuple[int, str, bool]]:
    """The usual times: days, address, and whether it is the one shown."""
    shown = form.span() if form.is_valid() else None
    given = _given(request)
    for name in ("first", "last"):
        given.pop(name, None)
    return [
        (days, changed(given, days=str(days)), shown == until(today(), days=days))
        for days in LENGTHS
    ]


def _given(request: HttpRequest) -> QueryDict:
    """Without the fields that a browser sends empty."""
    found = request.GET.copy()
    for name in [name for name, value in found.items() if not value]:
        del found[name]
    return found
