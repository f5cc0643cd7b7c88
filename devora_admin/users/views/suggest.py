"""Suggestions of an autocomplete box."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries


@staff_can("users.view")
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("customer", "")[:254].strip()
    context = {"owners": queries.suggest_owners(text), "text": text}
    return render(request, "users/suggestions.html", context)
