"""What memory adds to an issue's page, loaded after it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.preferences.queries import Likely, for_project
from devora_admin.memory.preferences.vocabulary import label_of
from devora_admin.memory.views.away import NotNow, says_so_already
from devora_admin.staff.permissions import staff_can
from devora_admin.support.queries.issue import issue as read_issue
from devora_admin.support.views.parts import drawn

SHOWN = 3


@require_safe
@staff_can("issues.view")
def preferences(request: HttpRequest, number: int) -> HttpResponse:
    """The surest of the customer, and of the project; not what most people have."""
    issue = read_issue(number)
    found: list[Likely] = []
    problem: NotNow | None = None
    try:
        known = for_project(issue.user_id, issue.project_id)
        found = [each for each in known if each.basis != "everyone" and each.score > 0][:SHOWN]
    except (MemoryUnavailable, MemoryTooSlow) as error:
        problem = error
    if nothing_new := says_so_already(request, problem):
        return nothing_new
    rows = [(label_of(each.topic), each) for each in found]
    context = {"rows": rows, "problem": problem}
    return drawn(request, issue, "What they prefer", "memory/issue_preferences.html", context)
