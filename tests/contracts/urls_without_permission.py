from django.http import HttpRequest, HttpResponse
from django.urls import path


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nobody declared who may see this")


handler500 = "devora_admin.core.problems.server_error"
urlpatterns = [path("open/", view)]
