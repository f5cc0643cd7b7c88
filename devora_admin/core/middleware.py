"""Names each request, counts its store round trips, and turns domain errors into answers."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from devora_admin.core import breaker, mongo
from devora_admin.core.errors import DomainError, StoreUnavailable
from devora_admin.core.ids import new_id
from devora_admin.core.problems import render_problem

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
NEEDS_NO_STORE = ("/static/", "/healthz")


def request_context(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.id = new_id()  # type: ignore[attr-defined]
        mongo.round_trips.reset()
        start = time.perf_counter()
        if breaker.store.blocks() and not request.path.startswith(NEEDS_NO_STORE):
            response = render_problem(request, StoreUnavailable())
        else:
            response = get_response(request)
        took_ms = (time.perf_counter() - start) * 1000
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        response["Server-Timing"] = f'app;dur={took_ms:.1f}, mongo;desc="{mongo.round_trips.count}"'
        # A page of customers' data is for this reader alone, and only now.
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        if mongo.round_trips.count and response.status_code < 500:
            breaker.store.reset()
        return response

    return middleware


def as_domain_error(error: BaseException) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if mongo.is_unavailable(error):
        log.warning("the store is not answering: %s", type(error).__name__)
        if mongo.is_connection_lost(error) and not mongo.answers():
            breaker.store.trip()
            return StoreUnavailable()
        if mongo.is_unconfirmed(error):
            return StoreUnavailable(
                "The change was made, but the database was interrupted before it could confirm it."
                " Look at it before you make it again."
            )
        return StoreUnavailable("The database took too long. Narrow the search, or try again.")
    return None


class ProblemMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        problem = as_domain_error(error)
        return render_problem(request, problem) if problem else None
