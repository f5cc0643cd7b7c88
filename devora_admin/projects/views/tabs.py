from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from devora_admin.projects.queries.detail import ProjectHeader
from devora_admin.staff.models import StaffUser

_TABS = (
    ("detail", "Files", "folder2", "files_count"),
    ("metadata", "Metadata", "braces", "metadata_count"),
    ("conversation", "Conversation", "chat-left-text", "messages_count"),
    ("raw", "Raw document", "file-earmark-code", ""),
)
_PERMISSIONS = ("edit", "archive", "create", "transfer", "export")


def page_context(request: HttpRequest, header: ProjectHeader, active: str) -> dict[str, Any]:
    """What every page of a project needs. active: the tab's url name."""
    tabs = [
        {
            "label": label,
            "url": reverse(f"projects:{name}", args=[header.id]),
            "icon": icon,
            "count": getattr(header, count) if count else None,
            "is_active": name == active,
        }
        for name, label, icon, count in _TABS
    ]
    user: StaffUser = request.user  # type: ignore[assignment]
    may = {name: user.can(f"projects.{name}") for name in _PERMISSIONS}
    return {"header": header, "tabs": tabs, "may": may}
