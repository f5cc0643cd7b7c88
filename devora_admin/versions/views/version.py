"""A version's page: its files, one of them with numbered lines, its metadata, its zip."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.http import is_htmx, redirect_to
from devora_admin.core.values import tree as values
from devora_admin.projects.archives.zip_writer import file_stem, zip_chunks
from devora_admin.projects.queries.detail import project_header
from devora_admin.projects.queries.filetree import file_tree
from devora_admin.projects.views.numbers import number as number_of
from devora_admin.projects.views.tabs import page_context
from devora_admin.shell import tree
from devora_admin.staff.permissions import staff_can
from devora_admin.versions.queries import blame as blaming
from devora_admin.versions.queries import version_page as queries
from devora_admin.versions.queries.download import project_files
from devora_admin.versions.queries.versions import Pruned, Version
from devora_admin.versions.queries.versions import version as read_version

_MOST = 2**31
ALL_FILES = 20_000
FILES_SHOWN = 500


@staff_can("projects.view")
@require_safe
def version(request: HttpRequest, project_id: str, number: int) -> HttpResponse:
    """file: a path. line: leads to that line of it, for whoever types it. blame: who wrote each."""
    path = request.GET.get("file", "")
    line = number_of(request.GET.get("line"), field="line", least=1)
    if line is not None:
        return redirect_to(request, f"?{urlencode({'file': path})}#L{line}")
    try:
        found = read(project_id, number)
    except Pruned:
        return _pruned(request, project_id, number, path)
    view = queries.file_view(found, path) if path else None
    context = {"version": found, "head": found.head, "view": view, "project_id": project_id}
    if view and view.state == "text" and request.GET.get("blame"):
        context["runs"] = list(blaming.runs(blaming.blame(found, path, view.content)))
    if is_htmx(request):
        return render(request, "versions/file.html", context)
    files = queries.file_rows(found)
    limit = ALL_FILES if request.GET.get("all") else FILES_SHOWN
    rest = [(each.name, each.size_bytes or 0) for each in files[limit:]]
    context |= _frame(request, project_id, number)
    context |= {"tree": file_tree(files[:limit], rest), "hidden": len(rest)}
    return render(request, "versions/version.html", context)


@staff_can("projects.view")
@require_safe
def blame(request: HttpRequest, project_id: str, number: int) -> HttpResponse:
    """Who last changed one line. file: a path. line: from 1."""
    path = request.GET.get("file", "")
    line = number_of(request.GET.get("line"), field="line", least=1)
    if not path or line is None:
        raise InvalidInput("Choose a file and type the number of a line.", field="line")
    found = read(project_id, number)
    view = queries.file_view(found, path)
    origin = blaming.blame_line(found, path, view.content, line)
    context = {"head": found.head, "project_id": project_id, "found": origin, "line": line}
    context |= {"path": path, "text": view.text.split("\n")[line - 1]}
    if is_htmx(request):
        return render(request, "versions/line_origin.html", context)
    context |= _frame(request, project_id, number)
    return render(request, "versions/blame.html", context)


@staff_can("projects.view")
@require_safe
def changes(request: HttpRequest, project_id: str, number: int) -> HttpResponse:
    """All files a version changed."""
    found = read(project_id, number)
    context = {"head": found.head, "project_id": project_id, "number": number}
    if is_htmx(request):
        return render(request, "versions/changes.html#files", context)
    return render(request, "versions/changes.html", context | _frame(request, project_id, number))


@staff_can("projects.view")
@require_safe
def metadata(request: HttpRequest, project_id: str, number: int) -> HttpResponse:
    found = read(project_id, number)
    shown = values.tree(
        queries.metadata_of(found), name="metadata", path=tree.place(request),
        first=tree.first(request),
    )  # fmt: skip
    context = {"head": found.head, "project_id": project_id, "tree": shown}
    context |= {"page_url": reverse("versions:metadata", args=[project_id, number])}
    return render(request, "versions/metadata.html", context | _frame(request, project_id, number))


@staff_can("projects.export")
@require_safe
def download(request: HttpRequest, project_id: str, number: int) -> HttpResponseBase:
    found = read(project_id, number)
    stem = f"{file_stem(project_header(project_id).stored_name)}-version-{number}"
    response = StreamingHttpResponse(
        zip_chunks(project_files(found), folder=stem), content_type="application/zip"
    )
    response["Content-Disposition"] = f'attachment; filename="{stem}.zip"'
    return response


def read(project_id: str, number: int) -> Version:
    """Raises NotFound, or Pruned."""
    if number >= _MOST:  # more than the store can count
        raise NotFound("version", str(number))
    return read_version(project_id, number)


def _frame(request: HttpRequest, project_id: str, number: int) -> dict[str, Any]:
    context = page_context(request, project_header(project_id), "history")
    return context | {"beside": queries.beside(project_id, number), "project_id": project_id}


def _pruned(request: HttpRequest, project_id: str, number: int, path: str) -> HttpResponse:
    context = _frame(request, project_id, number) | {"number": number, "path": path}
    return render(request, "versions/pruned.html", context, status=404)
