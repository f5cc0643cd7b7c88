"""Problems as RFC 9457 has them, for programs: every answer below /api/ that is one."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from devora_admin.core.errors import DomainError, InvalidInput

PREFIX = "/api/"
_TYPE = "application/problem+json"


def is_asked(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIX)


def render(problem: DomainError) -> HttpResponse:
    """`detail` of the problem is added as it is: there the field is named, where it is one's."""
    body: dict[str, Any] = {
        "type": f"urn:devora:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
    }
    if isinstance(problem, InvalidInput) and problem.field:
        pointer = "#/" + problem.field.replace(".", "/")
        body["errors"] = [{"detail": problem.message, "pointer": pointer}]
    body.update(problem.detail)
    return JsonResponse(body, status=problem.status, content_type=_TYPE)
