"""What a customer's page shows of projects; that page lies in an app below this one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.projects.queries.customers import customer_projects
from devora_admin.staff.permissions import staff_can


@staff_can("projects.view")
@require_safe
def of_customer(request: HttpRequest, user_id: str) -> HttpResponse:
    context = {"page": customer_projects(user_id), "user_id": user_id}
    return render(request, "projects/of_customer.html", context)
