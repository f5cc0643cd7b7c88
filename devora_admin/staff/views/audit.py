"""The audit log: the list, one entry, its download, and taking an action back."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core import clock
from devora_admin.core.csv_lines import csv_lines, moment_cell
from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.http import back_to, is_htmx, safe_next, toast
from devora_admin.shell.dialogs import Dialog, answer
from devora_admin.staff import audit, causes, undo, wording
from devora_admin.staff.forms.audit import AuditForm, UndoForm
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.queries import audit_log
from devora_admin.staff.queries.audit_log import AuditFilters, AuditLine
from devora_admin.staff.queries.changes import changes

HEADER = (
    "At (UTC)", "Who", "Role", "Action", "In words", "Subject", "Subject id", "Subject name",
    "Customer id", "Reason", "Address", "Request id", "Entry", "Lane", "Number", "Undoes",
    "Done for",
)  # fmt: skip


@staff_can("audit.view")
@require_safe
def audit_list(request: HttpRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    names, cursor = audit_log.actions(), request.GET.get("cursor", "")
    page = None
    if form.is_valid():
        page = audit_log.audit_page(form.filters(), names, cursor=cursor)
    context = {
        "form": form,
        "page": page,
        "actions": names,
        "actors": audit_log.actors(),
        "is_filtered": page is not None and form.filters().any_set,
        "may_export": allowed(request, "audit.export"),
    }
    template = "staff/audit.html" + ("#rows" if is_htmx(request) else "")
    return render(request, template, context, status=200 if page else 422)


@staff_can("audit.view")
@require_safe
def entry(request: HttpRequest, row_id: str) -> HttpResponse:
    found = audit_log.audit_entry(_key(row_id))
    row = found.line.row
    permission = undo.permission_for(row.action)
    context = {
        "entry": found,
        "row": row,
        "cause_url": causes.url_of(row.cause.kind, row.cause.id) if row.cause else "",
        "changes": changes(row.before, row.after),
        "may_undo": bool(permission) and allowed(request, permission),
        "is_undoable": not found.why_not and not found.undone_by,
    }
    return render(request, "staff/audit_entry.html", context)


@staff_can("staff.self")
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, row_id: str) -> HttpResponse:
    """Needs the permission of the action that is undone, which `undo` holds it to."""
    row = audit.find(_key(row_id))
    actor = audit.actor_of(request)
    undo.check(row, actor=actor)
    back = wording.page_of(row.subject.kind, row.subject.id) or reverse("overview")
    back = safe_next(request, request.GET.get("next", ""), default=back)
    what = wording.sentence(row.action)
    when = f"{localtime(row.at):%-d %b %Y, %H:%M}" if row.at else "an unknown time"
    intro = (
        f"“{what}” on {row.subject.label or row.subject.id}, by {row.actor_email} at {when}. "
        "What stood there before is put back, unless it was changed since."
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        undo.perform(row.id, actor=actor)
        return toast(back_to(request, back), "Undone")

    dialog = Dialog("Undo this?", "Undo", back, intro[:600])
    return answer(request, dialog, UndoForm(request.POST or {}), save)


@staff_can("audit.export")
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """A download is itself on record, which is why it is no GET."""
    form = AuditForm(request.POST)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInput(str(errors[0]), field=field)
    filters = form.filters()
    asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    audit.record(
        "audit.export",
        actor=audit.actor_of(request),
        subject=audit.Subject("audit", "log", "The audit log", filters.customer),
        after=asked or None,
    )
    response = StreamingHttpResponse(
        csv_lines(HEADER, _cells(filters)), content_type="text/csv; charset=utf-8"
    )
    name = f"audit-{clock.now():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(filters: AuditFilters) -> Iterator[tuple[str, ...]]:
    return map(_row_cells, audit_log.every_line(filters))


def _row_cells(line: AuditLine) -> tuple[str, ...]:
    row, subject = line.row, line.row.subject
    return (
        moment_cell(row.at), row.actor_email or row.actor_id, row.actor_role, row.action,
        line.sentence, subject.kind, subject.id, subject.label, subject.customer_id, row.reason,
        row.address, row.request_id, row.id, str(row.lane), str(row.seq), row.undo_of,
        f"{row.cause.kind} {row.cause.id}" if row.cause else "",
    )  # fmt: skip


def _key(row_id: str) -> str:
    if "\0" in row_id or len(row_id) > 100:
        raise NotFound("entry of the audit log", row_id)
    return row_id
