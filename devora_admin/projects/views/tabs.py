"""The tabs of a project's page. Apps above this one register theirs in AppConfig.ready()."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from devora_admin.projects.queries.detail import ProjectHeader
from devora_admin.staff.models import StaffUser


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    """What a page gives as `active`."""
    label: str
    order: int
    icon: str
    url_name: str
    """A route whose only argument is the project's id."""
    counted: str = ""
    """The field of ProjectHeader that says how many there are."""


FILES, METADATA, CONVERSATION, HISTORY, REPLAY, RAW = 10, 20, 30, 40, 50, 60
"""The places, first to last."""
_PERMISSIONS = ("edit", "archive", "create", "transfer", "export")
_tabs: dict[str, Tab] = {}


def register(tab: Tab) -> None:
    _tabs[tab.name] = tab


for _tab in (
    Tab("detail", "Files", FILES, icon="folder2", url_name="projects:detail",
        counted="files_count"),
    Tab("metadata", "Metadata", METADATA, icon="braces", url_name="projects:metadata",
        counted="metadata_count"),
    Tab("conversation", "Conversation", CONVERSATION, icon="chat-left-text",
        url_name="projects:conversation", counted="messages_count"),
    Tab("raw", "Raw document", RAW, icon="file-earmark-code", url_name="projects:raw"),
):  # fmt: skip
    register(_tab)


def page_context(request: HttpRequest, header: ProjectHeader, active: str) -> dict[str, Any]:
    """What every page of a project needs. active: the name of its tab."""
    tabs = [
        {
            "label": tab.label,
            "url": reverse(tab.url_name, args=[header.id]),
            "icon": tab.icon,
            "count": getattr(header, tab.counted) if tab.counted else None,
            "is_active": tab.name == active,
        }
        for tab in sorted(_tabs.values(), key=lambda tab: tab.order)
    ]
    user: StaffUser = request.user  # type: ignore[assignment]
    may = {name: user.can(f"projects.{name}") for name in _PERMISSIONS}
    may["audit"] = user.can("audit.view")
    return {"header": header, "tabs": tabs, "may": may}
