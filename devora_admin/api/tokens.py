"""Who may call: a program by its token, as often as its rate allows. A session's cookie opens
nothing here, so no page can make a browser call, and no forgery check is needed."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from devora_admin.api import clients, rates
from devora_admin.api.clients import ApiClient
from devora_admin.api.errors import MethodNotAllowed, Unauthorized
from devora_admin.core.errors import Forbidden
from devora_admin.core.http import client_address
from devora_admin.staff.audit import Actor
from devora_admin.staff.permissions import public

P = ParamSpec("P")
TokenView = Callable[Concatenate[HttpRequest, ApiClient, P], HttpResponse]


def token_can(
    scope: str, *, method: str = "POST"
) -> Callable[[TokenView[P]], Callable[..., HttpResponse]]:
    """The view gets the client as its second argument."""

    def mark(view: TokenView[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def held(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method != method:
                raise MethodNotAllowed(method)
            return view(request, _admitted(request, scope), *args, **kwargs)

        return public(csrf_exempt(held))

    return mark


def _admitted(request: HttpRequest, scope: str) -> ApiClient:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = clients.asked_by(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthorized("Send a valid token, as “Authorization: Bearer …”.")
    client, count = found
    rates.hold(count, client.per_minute)
    if scope not in client.scopes:
        raise Forbidden(f"This token lacks the scope {scope}.")
    return client


def actor_of(client: ApiClient, request: HttpRequest) -> Actor:
    """The program as the audit log names it."""
    return Actor(
        id=f"api:{client.id}",
        email=f"{client.name} (API)",
        name=client.name,
        role="api",
        address=client_address(request),
        request_id=_id_of(request),
    )


def _id_of(request: Any) -> str:
    return str(getattr(request, "id", ""))
