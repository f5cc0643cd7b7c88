"""Panels that come back by themselves once memory answers: their notice asks every few seconds."""

from django.http import HttpRequest, HttpResponse

from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable

NotNow = MemoryUnavailable | MemoryTooSlow


def says_so_already(request: HttpRequest, problem: NotNow | None) -> HttpResponse | None:
    """To a notice that asks again in vain: nothing is swapped, moved or read aloud anew."""
    if problem and request.headers.get("X-Still-Away") == "1":
        return HttpResponse(status=204)
    return None
