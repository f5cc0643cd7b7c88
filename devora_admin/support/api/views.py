"""The API of the platform: opening issues, and passing on what customers answer."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from devora_admin.staff.permissions import public
from devora_admin.support.api import bodies, calls, idempotency, openapi
from devora_admin.support.api.clients import ApiClient
from devora_admin.support.api.schemas import MailReplyIn, NewIssueIn, ReplyIn
from devora_admin.support.api.tokens import actor_of, token_can


@token_can("issues.write")
def open_issue(request: HttpRequest, client: ApiClient) -> HttpResponse:
    asked = bodies.read(request, NewIssueIn)
    work = calls.opening_of(asked, client, actor_of(client, request))
    return _respond(idempotency.once(request, client, work))


@token_can("issues.write")
def reply(request: HttpRequest, client: ApiClient, number: int) -> HttpResponse:
    asked = bodies.read(request, ReplyIn)
    work = calls.reply_of(asked, number, client, actor_of(client, request))
    return _respond(idempotency.once(request, client, work))


@token_can("issues.write")
def mail_reply(request: HttpRequest, client: ApiClient) -> HttpResponse:
    asked = bodies.read(request, MailReplyIn)
    work = calls.mail_reply_of(asked, client, actor_of(client, request))
    return _respond(idempotency.once(request, client, work))


@require_safe
@public
def description(request: HttpRequest) -> HttpResponse:
    return JsonResponse(openapi.document())


def _respond(answer: idempotency.Answer) -> HttpResponse:
    response = JsonResponse(dict(answer.body), status=answer.status)
    if answer.is_replayed:
        response["Idempotent-Replayed"] = "true"
    return response
