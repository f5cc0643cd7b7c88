"""Whether the process lives, and whether it can serve."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from pymongo.errors import PyMongoError

from devora_admin.core import mongo
from devora_admin.staff.permissions import public


@public
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; touches no store."""
    return HttpResponse("ok", content_type="text/plain")


@public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when MongoDB answers, else 503."""
    try:
        mongo.client().admin.command("ping")
    except PyMongoError:
        return JsonResponse({"mongodb": "unavailable"}, status=503)
    return JsonResponse({"mongodb": "ok"})
