"""A project as its owner sees it: files and conversation, nothing to change."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.core.http import is_htmx, redirect
from devora_admin.projects.queries import conversation as turns
from devora_admin.projects.queries import detail, own
from devora_admin.projects.queries.detail import ProjectHeader
from devora_admin.projects.queries.filetree import file_tree
from devora_admin.projects.queries.preview import file_preview, file_preview_at
from devora_admin.projects.views.numbers import number
from devora_admin.staff.permissions import staff_can
from devora_admin.users import viewing


def register() -> None:
    """Called once, when the app is ready."""
    viewing.register_owner("project_id", own.owner_of)
    viewing.register_section(
        viewing.Section("Projects", 20, "projects/as_customer_list.html", own.own_projects)
    )


@staff_can("users.view_as")
@require_safe
def files(request: HttpRequest, user_id: str, project_id: str) -> HttpResponse:
    """file or at: the file to read, by its name or place."""
    if viewing.current(request) is None:
        return redirect(request, "users:view_as_start", user_id)
    own.check_owner(project_id, user_id)
    preview = _preview(request, project_id)
    if is_htmx(request) and preview:
        return render(
            request, "projects/preview.html", {"preview": preview, "project_id": project_id}
        )
    page = detail.project_files(project_id, limit=detail.FILES_SHOWN)
    context = _context(user_id, page.header, "as_customer_files")
    context |= {"page": page, "tree": file_tree(page.files, page.rest), "preview": preview}
    return render(request, "projects/as_customer_files.html", context)


@staff_can("users.view_as")
@require_safe
def conversation(request: HttpRequest, user_id: str, project_id: str) -> HttpResponse:
    """before: the turns up to that number."""
    if viewing.current(request) is None:
        return redirect(request, "users:view_as_start", user_id)
    own.check_owner(project_id, user_id)
    before = number(request.GET.get("before"), field="before", least=1)
    page = turns.conversation_page(project_id, before=before)
    context = _context(user_id, page.header, "as_customer_conversation") | {"page": page}
    return render(request, "projects/as_customer_conversation.html", context)


def _preview(request: HttpRequest, project_id: str) -> Any:
    at, name = number(request.GET.get("at"), field="at"), request.GET.get("file")
    if at is not None:
        return file_preview_at(project_id, index=at)
    return file_preview(project_id, name=name) if name else None


def _context(user_id: str, header: ProjectHeader, active: str) -> dict[str, Any]:
    tabs = [
        {
            "label": label,
            "url": reverse(f"projects:{name}", args=[user_id, header.id]),
            "icon": icon,
            "count": count,
            "is_active": name == active,
        }
        for name, label, icon, count in (
            ("as_customer_files", "Files", "folder2", header.files_count),
            ("as_customer_conversation", "Conversation", "chat-left-text", header.messages_count),
        )
    ]
    return {"header": header, "tabs": tabs, "user_id": user_id}
