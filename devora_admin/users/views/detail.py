"""The page of one customer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries


@staff_can("users.view")
@require_safe
def detail(request: HttpRequest, user_id: str) -> HttpResponse:
    return render(request, "users/detail.html", {"customer": queries.customer_profile(user_id)})
