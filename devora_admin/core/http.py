"""Small helpers between Django's requests and the views."""

import json
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from devora_admin.core.errors import InvalidInput, TooLarge

R = TypeVar("R", bound=HttpResponse)


def client_address(request: HttpRequest) -> str:
    """Who asks. Behind the proxy that ends TLS, the address that proxy saw."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def toast(response: R, message: str, *, level: str = "success", undo_url: str | None = None) -> R:
    """Shows a toast with the response. level: success, warning or danger.

    undo_url: a POST address that takes the action back. After a redirect the toast is carried
    in a short-lived cookie, read and cleared by the page that follows.
    """
    body = {"message": message, "level": level, "undo": undo_url}
    moves = any(name in response.headers for name in ("HX-Redirect", "HX-Refresh"))
    if 300 <= response.status_code < 400 or moves:
        body["at"] = response.headers.get("Location")
        response.set_cookie(
            "toast", _cookie_json(body), max_age=20, samesite="Lax", secure=settings.SECURE_COOKIES
        )
    else:
        response["HX-Trigger"] = json.dumps({"toast": body})
    return response


def toasted(request: HttpRequest) -> dict[str, str]:
    """What the toast of the redirect to this very page says, for a page without JavaScript."""
    try:
        body = json.loads(unquote(request.COOKIES.get("toast", "")))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict) or body.get("at") != request.get_full_path():
        return {}
    told = {name: value for name, value in body.items() if isinstance(value, str)}
    return told | {"undo": safe_next(request, told.get("undo", ""), default="")}


def _cookie_json(body: object) -> str:
    return quote(json.dumps(body))


def redirect(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    """A redirect that also moves the whole page when htmx asked."""
    return redirect_to(request, reverse(name, args=args))


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    if is_htmx(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = iri_to_uri(url)  # no line end may reach a header
        return response
    return HttpResponseRedirect(url)


def back_to(request: HttpRequest, url: str) -> HttpResponse:
    """As `redirect_to`; the page that htmx asks from is read anew, scrolled as it is."""
    if is_htmx(request) and url == current_page(request):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return redirect_to(request, url)


def current_page(request: HttpRequest) -> str:
    """Path and query of the page that htmx asks from, "" without."""
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def safe_next(request: HttpRequest, candidate: str, *, default: str) -> str:
    """`candidate` when it stays on this site, else `default`."""
    if candidate and url_has_allowed_host_and_scheme(candidate, {request.get_host()}):
        return candidate
    return default


def json_body(request: HttpRequest, *, max_bytes: int) -> dict[str, Any]:
    """The request's JSON object. Raises InvalidInput or TooLarge."""
    if int(request.headers.get("Content-Length") or 0) > max_bytes:
        raise TooLarge(f"The request is larger than {max_bytes // 1024 // 1024} MB.")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The request is not valid JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The request must be a JSON object.")
    return body
