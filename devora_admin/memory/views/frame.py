"""What memory's own pages have around them."""

from typing import Any

from django.urls import reverse

_TABS = (("search", "Search", "search"), ("status", "Status", "activity"))


def page_context(active: str) -> dict[str, Any]:
    """For a template that extends `memory/frame.html`. active: the tab's name."""
    tabs = [
        {"label": label, "url": reverse(f"memory:{name}"), "icon": icon, "count": None,
         "is_active": name == active}
        for name, label, icon in _TABS
    ]  # fmt: skip
    return {"tabs": tabs}
