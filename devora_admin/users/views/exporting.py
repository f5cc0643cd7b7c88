"""A copy of all about a customer: asked for, made by the worker, taken away."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.http import is_htmx, redirect
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries
from devora_admin.users.exporting import requests
from devora_admin.users.forms.erasing import DownloadForm


@staff_can("users.export_data")
@require_safe
def page(request: HttpRequest, user_id: str) -> HttpResponse:
    context = _context(request, user_id, DownloadForm(request=request))
    part = "#copies" if is_htmx(request) else ""
    return render(request, "users/export.html" + part, context)


@staff_can("users.export_data")
@require_POST
def start(request: HttpRequest, user_id: str) -> HttpResponse:
    requests.ask(user_id, actor=audit.actor_of(request))
    return redirect(request, "users:export_data", user_id)


@staff_can("users.export_data")
@require_POST
def download(request: HttpRequest, user_id: str, export_id: str) -> HttpResponseBase:
    form = DownloadForm(request.POST, request=request)
    if not form.is_valid():
        context = _context(request, user_id, form)
        return render(request, "users/export.html", context, status=422)
    export, pieces = requests.open_copy(user_id, export_id, actor=audit.actor_of(request))
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Length"] = str(export.size_bytes)
    response["Content-Disposition"] = f'attachment; filename="customer-{export.id[:8]}.zip"'
    return response


def _context(request: HttpRequest, user_id: str, form: DownloadForm) -> dict[str, Any]:
    copies = requests.mine(user_id, actor_id=str(request.user.pk))
    return {
        "customer": queries.customer_profile(user_id),
        "copies": copies,
        "is_working": any(copy.job and copy.job.running for copy in copies),
        "form": form,
    }
