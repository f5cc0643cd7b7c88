from django.urls import URLPattern

app_name = "usersettings"
urlpatterns: list[URLPattern] = []
