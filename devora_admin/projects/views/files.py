"""What the editor writes: one address per kind of change, JSON in and out."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import json_body
from devora_admin.projects.queries import editor as queries
from devora_admin.projects.services import file_undo, files, tree
from devora_admin.projects.services.working_tree import Changed
from devora_admin.projects.views.editor import as_json, project_json, tab_of
from devora_admin.staff.causes import actor_of
from devora_admin.staff.permissions import staff_can

# The old and the new content of a 16 MB document, as JSON text.
MOST_BYTES = 39 * 1024 * 1024
MOST_FILES = 5000


@staff_can("projects.edit")
@require_POST
@as_json
def save(request: HttpRequest, project_id: str) -> HttpResponse:
    body = json_body(request, max_bytes=MOST_BYTES)
    saved = files.save_file(
        project_id,
        path=_text(body, "path"),
        content=_text(body, "content"),
        base_content=_text(body, "base_content"),
        base_revision=_revision(body),
        actor=actor_of(request),
        tab=tab_of(body),
    )
    return JsonResponse(asdict(saved))


@staff_can("projects.edit")
@require_POST
@as_json
def save_all(request: HttpRequest, project_id: str) -> HttpResponse:
    body = json_body(request, max_bytes=MOST_BYTES)
    edits = [
        tree.Edit(_text(row, "path"), _text(row, "content"), _text(row, "base_content"))
        for row in _rows(body, "edits")
    ]
    return _answer(project_id, tree.save_files(project_id, edits, actor=actor_of(request)))


@staff_can("projects.edit")
@require_POST
@as_json
def create(request: HttpRequest, project_id: str) -> HttpResponse:
    body = json_body(request, max_bytes=MOST_BYTES)
    new = [
        tree.NewFile(_text(row, "path"), _text(row, "content"), row.get("replace") is True)
        for row in _rows(body, "files")
    ]
    return _answer(project_id, tree.create_files(project_id, new, actor=actor_of(request)))


@staff_can("projects.edit")
@require_POST
@as_json
def move(request: HttpRequest, project_id: str) -> HttpResponse:
    body = json_body(request, max_bytes=MOST_BYTES)
    moves = [tree.Move(_text(row, "from"), _text(row, "to")) for row in _rows(body, "moves")]
    return _answer(project_id, tree.move_files(project_id, moves, actor=actor_of(request)))


@staff_can("projects.edit")
@require_POST
@as_json
def delete(request: HttpRequest, project_id: str) -> HttpResponse:
    body = json_body(request, max_bytes=MOST_BYTES)
    paths = body.get("paths")
    if not isinstance(paths, list) or len(paths) > MOST_FILES:
        raise InvalidInput("Name the files to delete.", field="paths")
    paths = [_text({"paths": path}, "paths") for path in paths]
    return _answer(project_id, tree.delete_files(project_id, paths, actor=actor_of(request)))


@staff_can("projects.edit")
@require_POST
@as_json
def undo(request: HttpRequest, project_id: str) -> HttpResponse:
    token = _text(json_body(request, max_bytes=4096), "token")
    return _answer(project_id, file_undo.undo_change(project_id, token, actor=actor_of(request)))


def _answer(project_id: str, changed: Changed) -> JsonResponse:
    project = queries.editor_project(project_id)
    return JsonResponse({**asdict(changed), "project": project_json(project)})


def _text(body: dict[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str):
        raise InvalidInput(f"“{field}” must be text.", field=field)
    if field != "content":  # which has a message of its own, with the line
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidInput(f"“{field}” has half of a character.", field=field) from None
    return value


def _revision(body: dict[str, Any]) -> int:
    value = body.get("base_revision")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise InvalidInput("“base_revision” must be a whole number.", field="base_revision")
    return value


def _rows(body: dict[str, Any], field: str) -> list[dict[str, Any]]:
    rows = body.get(field)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput(f"“{field}” must be a list of objects.", field=field)
    if len(rows) > MOST_FILES:
        raise InvalidInput(f"No more than {MOST_FILES:,} files at once.", field=field)
    return rows
