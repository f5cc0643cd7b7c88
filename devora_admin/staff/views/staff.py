"""Staff accounts: who there is, and one of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.staff.permissions import ROLES, allowed, staff_can
from devora_admin.staff.queries import accounts


@staff_can("staff.view")
@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    context = {"staff": accounts.staff_list(), "may_manage": allowed(request, "staff.manage")}
    return render(request, "staff/list.html", context)


@staff_can("staff.view")
@require_safe
def detail(request: HttpRequest, user_id: str) -> HttpResponse:
    page = accounts.staff_page(user_id, current_key=request.session.session_key or "")
    is_self = page.person.id == str(request.user.pk)
    may_manage = allowed(request, "staff.manage")
    context = {
        "page": page,
        "person": page.person,
        "is_self": is_self,
        "may_manage": may_manage and not is_self,
        "sees_sessions": may_manage,
        "sees_audit": allowed(request, "audit.view"),
        "roles": list(ROLES),
    }
    return render(request, "staff/detail.html", context)
