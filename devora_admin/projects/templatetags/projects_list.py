from django import template
from django.template import Context
from django.urls import reverse

from devora_admin.projects.views.remembered import list_url

register = template.Library()


@register.simple_tag(takes_context=True)
def projects_list_url(context: Context) -> str:
    """The list as it was left: its filters, order and page."""
    request = context.get("request")
    return list_url(request) if request else reverse("projects:list")
