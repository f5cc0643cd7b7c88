"""Refuses a request by its claimed length, before a byte of its body is read or kept on disk."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from devora_admin.core.errors import TooLarge
from devora_admin.core.problems import render_problem

GetResponse = Callable[[HttpRequest], HttpResponse]


def limit_body(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        claimed = request.META.get("CONTENT_LENGTH") or "0"
        limit: int = settings.MAX_BODY_BYTES
        if claimed.isdecimal() and int(claimed[:20]) > limit:
            limit_mb = limit // 1024 // 1024
            return render_problem(request, TooLarge(f"The upload is larger than {limit_mb} MB."))
        return get_response(request)

    return middleware
