"""What a customer did around the report of an issue, loaded after its page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from devora_admin.analytics.queries.around import around
from devora_admin.projects.views.numbers import number as number_of
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.views.parts import drawn


@require_safe
@staff_can("issues.view")
def issue_events(request: HttpRequest, number: int) -> HttpResponse:
    """page: from 1, of the list beneath the axis; without it the one of the report."""
    issue = read_issue(number)
    page = number_of(request.GET.get("page"), field="page", least=1) or 0
    found = around(
        issue.user_id, issue.project_id, issue.created_at,
        can=lambda permission: allowed(request, permission), page=page,
    )  # fmt: skip
    context = {"around": found}
    return drawn(request, issue, "Events around the report", "analytics/issue_events.html", context)
