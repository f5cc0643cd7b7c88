from django.urls import path

from devora_admin.users import views

app_name = "users"
urlpatterns = [
    path("users/suggest/", views.suggest, name="suggest"),
    path("users/<str:user_id>/", views.detail, name="detail"),
]
