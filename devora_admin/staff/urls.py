from django.urls import path

from devora_admin.staff import views

app_name = "staff"
urlpatterns = [
    path("login/", views.login_page, name="login"),
    path("logout/", views.logout_action, name="logout"),
]
