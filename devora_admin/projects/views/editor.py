"""The editor's page and the JSON it reads. What it writes is in views.files."""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.errors import DomainError, InvalidInput
from devora_admin.core.http import json_body
from devora_admin.projects import presence
from devora_admin.projects.queries import editor as queries
from devora_admin.staff import audit, causes
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import background, staff_can

View = Callable[..., HttpResponse]
MOST_FILES_WATCHED = 100


def as_json(view: View) -> View:
    """For addresses only a script calls: faults are JSON, and nobody acts as someone else.

    The editor names the account it was opened by. When the browser has been signed in as another
    one since, in another tab, the answer is as if signed out.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        expected = request.headers.get("X-Staff")
        if expected and expected != str(request.user.pk):
            message = f"This browser is now signed in as {audit.actor_of(request).label}."
            error = {"code": "signed_out", "message": message}
            return JsonResponse({"error": error, "login": reverse("staff:login")}, status=401)
        return view(request, *args, **kwargs)

    return wrapped


@staff_can("projects.view")
@require_safe
@csp_update({"style-src": [UNSAFE_INLINE]})  # type: ignore[arg-type]
def edit(request: HttpRequest, project_id: str) -> HttpResponse:
    user: StaffUser = request.user  # type: ignore[assignment]
    project = queries.editor_project(project_id)
    may_edit = user.can("projects.edit")
    path = request.GET.get("file", "")
    context = {
        "project": project,
        "may_edit": may_edit,
        "cause": causes.of(request),
        "boot": {
            "project": project_json(project),
            "file": _first_file(project, path),
            "wanted": path,
            "mayEdit": may_edit,
            "staff": {"id": str(user.pk), "name": user.label, "email": user.email},
            "urls": _urls(project_id, causes.query(request)),
        },
    }  # fmt: skip
    return render(request, "projects/edit.html", context)


def _first_file(project: queries.EditorProject, wanted: str) -> dict[str, Any] | None:
    """The file asked for, sent with the page so that it stands as soon as Monaco does."""
    row = next((row for row in project.files if row.path == wanted and not row.problem), None)
    if row is None:
        return None
    try:
        found = queries.find_file(project.id, row.path)
    except DomainError:
        return None
    return asdict(found) if found else None


def _urls(project_id: str, cause: str) -> dict[str, str]:
    """cause: what the addresses that write end with."""
    reads = ("files", "file", "contents", "presence", "leave")
    writes = ("save", "save_all", "create", "move", "delete", "undo")
    urls = {name: reverse(f"projects:editor_{name}", args=[project_id]) for name in reads + writes}
    urls |= {name: urls[name] + cause for name in writes}
    return {**urls, "login": reverse("staff:login")}


def project_json(project: queries.EditorProject) -> dict[str, Any]:
    return {**asdict(project), "token": project.token}


@staff_can("projects.view")
@require_safe
@as_json
def files(request: HttpRequest, project_id: str) -> HttpResponse:
    return JsonResponse(project_json(queries.editor_project(project_id)))


@staff_can("projects.view")
@require_safe
@as_json
def file(request: HttpRequest, project_id: str) -> HttpResponse:
    return JsonResponse(asdict(queries.file_text(project_id, request.GET.get("path", ""))))


@staff_can("projects.view")
@require_safe
@gzip_page
@as_json
def contents(request: HttpRequest, project_id: str) -> HttpResponse:
    """All files at once: searching runs in the browser, where a bad pattern stops nobody else."""
    texts = [
        {"path": each.path, "content": each.content, "digest": each.digest}
        for each in queries.all_texts(project_id)
    ]
    return JsonResponse({"files": texts})


@staff_can("projects.view")
@background
@require_POST
@as_json
def heartbeat(request: HttpRequest, project_id: str) -> HttpResponse:
    """Says who is here and what changed since. body: tab, path, open {path: digest}, token."""
    body = json_body(request, max_bytes=256 * 1024)
    actor, tab = audit.actor_of(request), tab_of(body)
    known = _known(body.get("open"))
    project = queries.editor_project(project_id)
    path = str(body.get("path") or "")
    presence.be_present(project_id, actor=actor, tab=tab, path=path if _storable(path) else "")
    people = presence.others(project_id, actor=actor, tab=tab)
    answer: dict[str, Any] = {
        "revision": project.revision,
        "changed": queries.changed_files(project_id, known),
        "people": [asdict(person) for person in people],
    }
    if body.get("token") != project.token:
        answer["project"] = project_json(project)
    return JsonResponse(answer)


def _known(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    pairs = [(path, seen) for path, seen in value.items() if _storable(path) and _storable(seen)]
    return dict(pairs[:MOST_FILES_WATCHED])


def _storable(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 2000:
        return False
    return value == value.encode("utf-8", "replace").decode()


def tab_of(body: dict[str, Any]) -> str:
    tab = body.get("tab")
    if not isinstance(tab, str) or not (8 <= len(tab) <= 64) or not tab.replace("-", "").isalnum():
        raise InvalidInput("The request names no editor tab.", field="tab")
    return tab


@staff_can("projects.view")
@background
@require_POST
@as_json
def leave(request: HttpRequest, project_id: str) -> HttpResponse:
    """Sent by the browser as the page goes, as a form: a beacon can set no headers."""
    tab = tab_of({"tab": request.POST.get("tab")})
    presence.leave(project_id, actor=audit.actor_of(request), tab=tab)
    return HttpResponse(status=204)
