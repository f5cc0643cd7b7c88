"""A project's conversation as a thread."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.projects.queries import conversation as queries
from devora_admin.projects.queries.detail import project_header
from devora_admin.projects.views.numbers import number
from devora_admin.projects.views.tabs import page_context
from devora_admin.staff.permissions import staff_can


@staff_can("projects.view")
@require_safe
def conversation(request: HttpRequest, project_id: str) -> HttpResponse:
    """before: show the turns up to that number. turn: show the turns around that one, from 1."""
    before = number(request.GET.get("before"), field="before", least=1)
    turn = number(request.GET.get("turn"), field="turn", least=1)
    page = queries.conversation_page(
        project_id, before=before, turn=None if turn is None else turn - 1
    )
    context = page_context(request, page.header, "conversation")
    context |= {"page": page, "aim": turn, "project_id": project_id}
    template = "projects/conversation.html"
    if is_htmx(request):
        template += "#later" if request.GET.get("grow") == "later" else "#earlier"
    return render(request, template, context)


@staff_can("projects.view")
@require_safe
def search(request: HttpRequest, project_id: str) -> HttpResponse:
    text = request.GET.get("q", "")
    try:
        result = queries.search_conversation(project_id, text)
    except InvalidInput as error:
        context = page_context(request, project_header(project_id), "conversation")
        context |= {"error": error.message, "text": text[:300]}
        return render(request, "projects/conversation_search.html", context, status=422)
    context = page_context(request, result.header, "conversation")
    context |= {"result": result, "text": result.text}
    return render(request, "projects/conversation_search.html", context)


@staff_can("projects.view")
@require_safe
def turn(request: HttpRequest, project_id: str, position: int) -> HttpResponse:
    """One turn with all of its text, in place of the cut one. position: from 1."""
    if position < 1:
        raise InvalidInput("Turns are counted from 1.", field="turn")
    context = {"turn": queries.whole_turn(project_id, position - 1), "project_id": project_id}
    return render(request, "projects/turn.html", context)
