from django.urls import path

from devora_admin.support.api import views

app_name = "api"

urlpatterns = [
    path("api/openapi.json", views.description, name="openapi"),
    path("api/issues/", views.open_issue, name="issues"),
    path("api/issues/<number:number>/replies/", views.reply, name="replies"),
    path("api/replies/", views.mail_reply, name="mail_replies"),
]
