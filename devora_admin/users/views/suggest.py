"""Suggestions of an autocomplete box."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries


@staff_can("users.view")
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """As choices to pick one of, or with as=options for the datalist of a field."""
    text = request.GET.get("customer", "")[:254].strip()
    context = {"owners": queries.suggest_owners(text), "text": text}
    part = "suggestion_options" if request.GET.get("as") == "options" else "suggestions"
    return render(request, f"users/{part}.html", context)
