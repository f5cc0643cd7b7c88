"""What the person who looks may do to a customer."""

from django import template
from django.template import Context

from devora_admin.staff.permissions import allowed

register = template.Library()

_ASKED = ("note", "suspend", "access", "view_as", "edit", "plan", "merge", "export_data", "erase")


@register.simple_tag(takes_context=True)
def customer_may(context: Context) -> dict[str, bool]:
    """By the last part of the permission: {% customer_may as may %} … {% if may.suspend %}."""
    request = context.get("request")
    if request is None or getattr(request, "view_as", None):
        return dict.fromkeys(_ASKED, False)
    return {name: allowed(request, f"users.{name}") for name in _ASKED}
