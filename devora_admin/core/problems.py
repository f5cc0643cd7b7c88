"""Problems as answers: a page, an htmx fragment, or JSON, whichever was asked for.

Nothing here may touch a store: these answers are what is left when a store is down.
"""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from devora_admin.core import problem_json
from devora_admin.core.errors import DomainError, InvalidInput
from devora_admin.core.http import wants_json

_ADVICE = {
    400: "Go back and try again.",
    403: "Ask an admin for the role you need.",
    404: "Check the address, or search for it.",
    409: "Reload to see the change, then try again.",
    413: "Make it smaller and try again.",
    422: "Correct it and try again.",
    500: "The fault has been recorded. Try again; if it stays, report the request id.",
    503: "This page tries again by itself.",
}


def render_problem(request: HttpRequest, problem: DomainError) -> HttpResponse:
    response: HttpResponse
    if problem_json.is_asked(request):
        response = problem_json.render(problem)
    elif wants_json(request):
        error = {"code": problem.code, "message": problem.message, **problem.detail}
        if isinstance(problem, InvalidInput) and problem.field:
            error["field"] = problem.field
        response = JsonResponse({"error": error}, status=problem.status)
    else:
        fragment = bool(request.headers.get("HX-Request"))
        template = "components/problem.html" if fragment else "errors/problem.html"
        context = {
            "status": problem.status,
            "title": problem.title,
            "message": problem.message,
            "advice": _ADVICE.get(problem.status, ""),
            "request_id": getattr(request, "id", ""),
        }
        response = HttpResponse(render_to_string(template, context), status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    if problem.status == 503:
        response["Retry-After"] = "2"
    return response


class _Plain(DomainError):
    def __init__(self, status: int, code: str, title: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.title = status, code, title


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "The request could not be understood."
    return render_problem(request, _Plain(400, "bad_request", "Bad request", message))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "Your role does not allow this."
    return render_problem(request, _Plain(403, "forbidden", "Not allowed", message))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "There is no page at this address."
    return render_problem(request, _Plain(404, "not_found", "Not found", message))


def server_error(request: HttpRequest) -> HttpResponse:
    # Faults raised by a middleware reach Django here rather than in process_exception.
    from devora_admin.core.middleware import as_domain_error

    error = sys.exc_info()[1]
    problem = as_domain_error(error) if error else None
    message = "Something failed on our side. Nothing you typed was lost."
    return render_problem(
        request, problem or _Plain(500, "server_error", "Something went wrong", message)
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This form has expired. Reload the page and send it again."
    return render_problem(request, _Plain(403, "csrf", "Form expired", message))
