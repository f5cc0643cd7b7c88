"""The list as this browser last saw it, so that every way back leads there."""

from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

_COOKIE = "projects_list"
_LONGEST = 1500


def remember_list(response: HttpResponse, request: HttpRequest) -> None:
    query = quote(request.META.get("QUERY_STRING", ""), safe="")
    if request.COOKIES.get(_COOKIE, "") == query or len(query) > _LONGEST:
        return
    path = reverse("projects:list")
    response.set_cookie(
        _COOKIE, query, path=path, samesite="Lax", httponly=True, secure=settings.SECURE_COOKIES
    )


def list_url(request: HttpRequest) -> str:
    """Where “Projects” leads from a page below the list: its filters, order and page."""
    query = unquote(request.COOKIES.get(_COOKIE, ""))
    return reverse("projects:list") + (f"?{query}" if query else "")
