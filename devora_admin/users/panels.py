"""What other apps show on a customer's page. Each registers in its AppConfig.ready():

    panels.register(Panel(
        name="issues", title="Support issues", icon="life-preserver", order=panels.ISSUES,
        permission="issues.view", template="support/customer_panel.html", load=customer_issues,
    ))
    panels.register_tab(Tab(
        "settings", "Settings", icon="sliders", order=panels.SETTINGS,
        url_name="usersettings:detail", permission="settings.view",
    ))

The page needs no change for that: a place is an order, and panels stand in theirs. It makes at
most eight round trips to the store, so a panel that needs one aggregation gives it as `reads`
instead of `load`: those of all panels are made together.

A page behind a tab extends `users/frame.html` with what `users.frame.page_context` returns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Can = Callable[[str], bool]
"""Whether who asks holds a permission."""

# The places, first to last; between two of them is room for more.
USAGE, PROJECTS, ISSUES, SETTINGS, MEMORY = 10, 20, 30, 40, 50


@dataclass(frozen=True, slots=True)
class Reads:
    collection: str
    pipeline: Callable[[str], list[dict[str, Any]]]
    """The stages of an aggregation, for a customer's id; few and small rows."""
    content: Callable[[list[Mapping[str, Any]], Can], Any]
    """Of the rows found, leniently decoded. None leaves the panel out."""


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    """Unique; also the id of its place on the page."""
    title: str
    order: int
    permission: str
    template: str
    """Gets `panel`, which is its content, and `customer`, a CustomerProfile."""
    load: Callable[[str, Can], Any] | None = None
    """The content for a customer's id. None leaves the panel out."""
    reads: Reads | None = None
    """In place of `load`."""
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


_panels: dict[str, Panel] = {}
_tabs: dict[str, Tab] = {}


def register(panel: Panel) -> None:
    _panels[panel.name] = panel


def register_tab(tab: Tab) -> None:
    _tabs[tab.name] = tab


def tabs(can: Can) -> list[Tab]:
    allowed = (tab for tab in _tabs.values() if can(tab.permission))
    return sorted(allowed, key=lambda tab: (tab.order, tab.name))


def panels(can: Can) -> list[Panel]:
    allowed = (panel for panel in _panels.values() if can(panel.permission))
    return sorted(allowed, key=lambda panel: (panel.order, panel.name))
