"""The way into every operation: the token, the body, the work, the answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from devora_admin.api import bodies, openapi
from devora_admin.api.clients import ApiClient
from devora_admin.api.operations import Call, Operation
from devora_admin.api.tokens import actor_of, token_can
from devora_admin.staff.permissions import public


@require_safe
@public
def description(request: HttpRequest) -> HttpResponse:
    return JsonResponse(openapi.document())


def route_of(operation: Operation) -> URLPattern:
    @token_can(operation.scope)
    def view(request: HttpRequest, client: ApiClient, /, **parts: Any) -> HttpResponse:
        asked = bodies.read(request, operation.takes, most_bytes=operation.most_bytes)
        answer = operation.handle(Call(request, client, actor_of(client, request)), asked, **parts)
        response = JsonResponse(dict(answer.body), status=answer.status)
        if answer.is_replayed:
            response["Idempotent-Replayed"] = "true"
        return response

    return path(operation.route, view, name=operation.url_name)
