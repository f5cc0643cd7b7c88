"""A project's page: its files, a look into one, and the document as stored."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.http import is_htmx
from devora_admin.projects.queries import detail as queries
from devora_admin.projects.queries import raw as raw_queries
from devora_admin.projects.queries.filetree import file_tree
from devora_admin.projects.queries.preview import FilePreview, file_preview, file_preview_at
from devora_admin.projects.views import panels
from devora_admin.projects.views.numbers import number
from devora_admin.projects.views.tabs import page_context
from devora_admin.staff.permissions import staff_can

ALL_FILES = 20_000


@staff_can("projects.view")
@require_safe
def detail(request: HttpRequest, project_id: str) -> HttpResponse:
    limit = ALL_FILES if request.GET.get("all") else queries.FILES_SHOWN
    page = queries.project_files(project_id, limit=limit)
    context = page_context(request, page.header, "detail")
    context |= {"page": page, "tree": file_tree(page.files, page.rest)}
    context["panels"] = panels.shown(request, project_id)
    status = 200
    if request.GET.get("file") or request.GET.get("at"):
        try:
            context["preview"] = _preview(request, project_id)
        except NotFound:  # it was there when the link was made
            context["missing"], status = request.GET.get("file") or "This file", 404
    return render(request, "projects/detail.html", context, status=status)


@staff_can("projects.view")
@require_safe
def preview(request: HttpRequest, project_id: str) -> HttpResponse:
    context = {"preview": _preview(request, project_id), "project_id": project_id}
    response = render(request, "projects/preview.html", context)
    # The address names the file that is read, and a line of it once one is chosen.
    page = reverse("projects:detail", args=[project_id])
    response["HX-Replace-Url"] = f"{page}?{request.GET.urlencode()}"
    return response


def _preview(request: HttpRequest, project_id: str) -> FilePreview:
    at = number(request.GET.get("at"), field="at")
    if at is not None:
        return file_preview_at(project_id, index=at)
    name = request.GET.get("file")
    if not name:
        raise InvalidInput("Choose a file from the tree.", field="file")
    return file_preview(project_id, name=name)


@staff_can("projects.view")
@require_safe
def raw(request: HttpRequest, project_id: str) -> HttpResponse:
    wanted = number(request.GET.get("part"), field="part", least=1)
    if is_htmx(request) and wanted:
        part = raw_queries.raw_part(project_id, wanted)
        return render(request, "projects/raw.html#part", {"part": part, "project_id": project_id})
    page = raw_queries.raw_page(project_id, number=wanted or 1)
    context = page_context(request, page.header, "raw")
    return render(
        request, "projects/raw.html", context | {"part": page.part, "project_id": project_id}
    )


@staff_can("projects.export")
@require_safe
def download(request: HttpRequest, project_id: str) -> StreamingHttpResponse:
    chunks = (piece.encode("utf-8", "replace") for piece in raw_queries.raw_chunks(project_id))
    response = StreamingHttpResponse(chunks, content_type="application/json; charset=utf-8")
    stem = "".join(char for char in project_id if char.isalnum() or char in "-_")[:64] or "project"
    response["Content-Disposition"] = f'attachment; filename="{stem}.json"'
    return response
