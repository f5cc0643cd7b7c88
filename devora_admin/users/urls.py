from django.urls import path

from devora_admin.users.views.detail import detail
from devora_admin.users.views.suggest import suggest

app_name = "users"
urlpatterns = [
    path("users/suggest/", suggest, name="suggest"),
    path("users/<str:user_id>/", detail, name="detail"),
]
