from django.urls import path

from devora_admin.support.views import attachments, context

app_name = "support"

urlpatterns = [
    path(
        "support/<int:number>/attachments/<str:attachment_id>/",
        attachments.attachment,
        name="attachment",
    ),
]

# Beside an issue, fetched after its page.
urlpatterns += [
    path("support/<int:number>/project/", context.project, name="project"),
    path("support/<int:number>/similar/", context.similar, name="similar"),
]
