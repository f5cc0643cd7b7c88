"""What other apps show below a project's files. Each registers in its AppConfig.ready().

The page itself must not wait for it: a panel whose content takes long, or may be away, loads that
after the page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from devora_admin.staff.permissions import allowed


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    """Unique; also the id of its place on the page."""
    title: str
    order: int
    permission: str
    template: str
    """Gets `header`, a ProjectHeader, and `content`."""
    load: Callable[[str], Any]
    """The content for a project's id, without a round trip to a store."""
    icon: str = "card-text"


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    _panels[panel.name] = panel


def shown(request: HttpRequest, project_id: str) -> list[tuple[Panel, Any]]:
    """With their contents, in their order."""
    if getattr(request, "view_as", None):  # sees what is the customer's, and no more
        return []
    wanted = (panel for panel in _panels.values() if allowed(request, panel.permission))
    ordered = sorted(wanted, key=lambda panel: (panel.order, panel.name))
    return [(panel, panel.load(project_id)) for panel in ordered]
