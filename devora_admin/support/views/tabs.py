"""The views above the inbox, standing and saved."""

from collections.abc import Iterable
from dataclasses import dataclass

from devora_admin.support.queries import standing
from devora_admin.support.queries.saved import SavedView


@dataclass(frozen=True, slots=True)
class ViewTab:
    key: str
    """Names the place of its count."""
    label: str
    href: str
    is_active: bool
    saved: SavedView | None = None


def tabs_of(saved: Iterable[SavedView], *, view: str, saved_id: str) -> list[ViewTab]:
    found = [ViewTab(each.id, each.name, each.href, each.id == saved_id, each) for each in saved]
    is_saved = any(tab.is_active for tab in found)
    return [
        ViewTab(name, label, f"?view={name}", name == view and not is_saved)
        for name, label in standing.NAMES.items()
    ] + found
