"""A customer's settings on one page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.shell import tree
from devora_admin.staff import causes
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.users import queries as users
from devora_admin.users.frame import page_context
from devora_admin.usersettings.forms import PreferencesForm
from devora_admin.usersettings.queries.page import known_values, models_seen, settings_page


@staff_can("settings.view")
@require_safe
def detail(request: HttpRequest, user_id: str) -> HttpResponse:
    customer = users.customer_profile(user_id)
    page = settings_page(user_id, path=tree.place(request), first=tree.first(request))
    context = page_context(request, customer, "settings") | rights(request) | addresses(user_id)
    if page.has_form:
        context["form"] = PreferencesForm(
            shown=known_values(page.preferences), models=models_seen()
        )
    context |= {"cause": causes.of(request), "cause_query": causes.query(request)}
    return render(request, "usersettings/detail.html", context | {"page": page, "tree": page.tree})


def rights(request: HttpRequest) -> dict[str, Any]:
    return {
        "may_edit": allowed(request, "settings.edit"),
        "may_change": allowed(request, "secrets.change"),
        "may_reveal": allowed(request, "secrets.reveal"),
    }


def addresses(user_id: str) -> dict[str, str]:
    page_url = reverse("usersettings:detail", args=[user_id])
    return {"page_url": page_url, "forms_url": f"{page_url}preferences/"}
