from django.urls import path

from devora_admin.staff.views import signing_in

app_name = "staff"
urlpatterns = [
    path("login/", signing_in.login_page, name="login"),
    path("logout/", signing_in.logout_action, name="logout"),
]
