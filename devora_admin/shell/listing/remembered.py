"""A list as this browser last saw it, so that every way back leads there."""

from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

_LONGEST = 1500
COOKIE = "{app}_list"
"""Holds the query string, quoted."""


def remember_list(response: HttpResponse, request: HttpRequest, app: str) -> None:
    query = quote(request.META.get("QUERY_STRING", ""), safe="")
    if request.COOKIES.get(_cookie(app), "") == query or len(query) > _LONGEST:
        return
    response.set_cookie(
        _cookie(app), query, path=reverse(f"{app}:list"),
        samesite="Lax", httponly=True, secure=settings.SECURE_COOKIES,
    )  # fmt: skip


def list_url(request: HttpRequest, app: str) -> str:
    """Where the name of a list leads from a page below it: its filters, order and page."""
    query = unquote(request.COOKIES.get(_cookie(app), ""))
    return reverse(f"{app}:list") + (f"?{query}" if query else "")


def _cookie(app: str) -> str:
    return COOKIE.format(app=app)
