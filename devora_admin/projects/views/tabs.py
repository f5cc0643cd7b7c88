from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from devora_admin.projects.queries.detail import ProjectHeader
from devora_admin.staff.models import StaffUser


@dataclass(frozen=True, slots=True)
class _Tab:
    url_name: str
    label: str
    icon: str
    counted: str = ""


_TABS = (
    _Tab("detail", "Files", icon="folder2", counted="files_count"),
    _Tab("metadata", "Metadata", icon="braces", counted="metadata_count"),
    _Tab("conversation", "Conversation", icon="chat-left-text", counted="messages_count"),
    _Tab("raw", "Raw document", icon="file-earmark-code"),
)
_PERMISSIONS = ("edit", "archive", "create", "transfer", "export")


def page_context(request: HttpRequest, header: ProjectHeader, active: str) -> dict[str, Any]:
    """What every page of a project needs. active: the tab's url name."""
    tabs = [
        {
            "label": tab.label,
            "url": reverse(f"projects:{tab.url_name}", args=[header.id]),
            "icon": tab.icon,
            "count": getattr(header, tab.counted) if tab.counted else None,
            "is_active": tab.url_name == active,
        }
        for tab in _TABS
    ]
    user: StaffUser = request.user  # type: ignore[assignment]
    may = {name: user.can(f"projects.{name}") for name in _PERMISSIONS}
    may["audit"] = user.can("audit.view")
    return {"header": header, "tabs": tabs, "may": may}
