"""What other apps show on a customer's page. Each registers in its AppConfig.ready():

    panels.register(Panel(
        name="issues", title="Support issues", icon="life-preserver", order=panels.ISSUES,
        permission="issues.view", template="support/customer_panel.html", load=customer_issues,
    ))
    panels.register_tab(Tab(
        "settings", "Settings", icon="sliders", order=panels.SETTINGS,
        url_name="usersettings:detail", permission="settings.view",
    ))

The page needs no change for that: a place is an order, and panels stand in theirs. `load` may
make one round trip to the store; the whole page makes at most eight.

A page behind a tab extends `users/frame.html` with what `users.frame.page_context` returns.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import StoreUnavailable
from devora_admin.core.mongo import is_unavailable

log = logging.getLogger(__name__)
Can = Callable[[str], bool]
"""Whether who asks holds a permission."""

# The places, first to last; between two of them is room for more.
USAGE, PROJECTS, ISSUES, SETTINGS, MEMORY = 10, 20, 30, 40, 50


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    """Unique; also the id of its place on the page."""
    title: str
    order: int
    permission: str
    template: str
    """Gets `panel`, which is what `load` returned, and `customer`, a CustomerProfile."""
    load: Callable[[str, Can], Any]
    """Of a customer's id. None leaves the panel out."""
    icon: str = "card-text"


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    order: int
    permission: str
    url_name: str
    """A route whose only argument is the customer's id."""
    icon: str = "card-text"


@dataclass(frozen=True, slots=True)
class Shown:
    panel: Panel
    content: Any
    has_failed: bool = False


_panels: dict[str, Panel] = {}
_tabs: dict[str, Tab] = {}


def register(panel: Panel) -> None:
    _panels[panel.name] = panel


def register_tab(tab: Tab) -> None:
    _tabs[tab.name] = tab


def tabs(can: Can) -> list[Tab]:
    allowed = (tab for tab in _tabs.values() if can(tab.permission))
    return sorted(allowed, key=lambda tab: (tab.order, tab.name))


def load_all(customer_id: str, can: Can) -> list[Shown]:
    """One that fails is shown as failed; only a store that is away ends the page."""
    allowed = (panel for panel in _panels.values() if can(panel.permission))
    shown = []
    for panel in sorted(allowed, key=lambda panel: (panel.order, panel.name)):
        try:
            content = panel.load(customer_id, can)
        except Exception as error:
            if isinstance(error, StoreUnavailable) or is_unavailable(error):
                raise
            log.exception("the panel %s of a customer's page could not be loaded", panel.name)
            shown.append(Shown(panel, None, has_failed=True))
        else:
            if content is not None:
                shown.append(Shown(panel, content))
    return shown
