"""What every page of one customer has around it: the head, the tabs, what one may do."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from devora_admin.staff.permissions import allowed
from devora_admin.users import panels
from devora_admin.users.queries import CustomerProfile


def page_context(request: HttpRequest, customer: CustomerProfile, active: str) -> dict[str, Any]:
    """For a template that extends `users/frame.html`. active: the tab's name."""

    def can(permission: str) -> bool:
        return allowed(request, permission)

    tabs = [
        {"label": tab.label, "url": url, "icon": tab.icon, "count": None,
         "is_active": tab.name == active}
        for tab in panels.tabs(can)
        if (url := _address(tab.url_name, customer.id))
    ]  # fmt: skip
    history = f"{reverse('staff:audit')}?{urlencode({'customer': customer.id})}"
    return {
        "customer": customer,
        "tabs": tabs,
        "active_tab": active,
        "history_url": history if can("audit.view") else "",
    }


def _address(url_name: str, customer_id: str) -> str:
    try:
        return reverse(url_name, args=[customer_id])
    except NoReverseMatch:
        return ""
