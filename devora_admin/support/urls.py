from django.urls import path

from devora_admin.support.views import attachments

app_name = "support"

urlpatterns = [
    path(
        "support/<int:number>/attachments/<str:attachment_id>/",
        attachments.attachment,
        name="attachment",
    ),
]
