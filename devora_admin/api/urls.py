from django.urls import path

from devora_admin.api import views
from devora_admin.api.operations import every_operation

app_name = "api"

urlpatterns = [
    path("api/openapi.json", views.description, name="openapi"),
    *map(views.route_of, every_operation()),
]
