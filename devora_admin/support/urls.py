from django.urls import path

from devora_admin.support.views import (
    attachments,
    composing,
    detail,
    drafting,
    fields,
    following,
    linking,
    opening,
)

app_name = "support"

urlpatterns = [
    path(
        "support/<int:number>/attachments/<str:attachment_id>/",
        attachments.attachment,
        name="attachment",
    ),
]

# The page of an issue.
urlpatterns += [
    path("support/new/", opening.new, name="new"),
    path("support/new/projects/", opening.projects, name="new_projects"),
    path("support/files/", drafting.upload, name="upload"),
    path("support/files/<str:attachment_id>/remove/", drafting.remove_file, name="remove_file"),
    path("support/go-on/", fields.go_on, name="go_on"),
    path("support/<int:number>/", detail.detail, name="detail"),
    path("support/<int:number>/composer/", detail.composer, name="composer"),
    path("support/<int:number>/history/", detail.history, name="history"),
    path("support/<int:number>/reply/", composing.reply, name="reply"),
    path("support/<int:number>/note/", composing.note, name="note"),
    path("support/<int:number>/preview/", composing.preview, name="preview"),
    path("support/<int:number>/draft/", drafting.save, name="draft"),
    path("support/<int:number>/draft/discard/", drafting.discard, name="draft_discard"),
    path("support/<int:number>/draft/restore/", drafting.restore, name="draft_restore"),
    path("support/<int:number>/changes/", following.changes, name="changes"),
    path("support/<int:number>/here/", following.here, name="here"),
    path("support/<int:number>/gone/", following.gone, name="gone"),
    path("support/<int:number>/status/", fields.status, name="status"),
    path("support/<int:number>/priority/", fields.priority, name="priority"),
    path("support/<int:number>/assignee/", fields.assignee, name="assignee"),
    path("support/<int:number>/tags/", fields.tags, name="tags"),
    path("support/<int:number>/subject/", fields.subject, name="subject"),
    path("support/<int:number>/watch/", fields.watch, name="watch"),
    path("support/<int:number>/unwatch/", fields.unwatch, name="unwatch"),
    path("support/<int:number>/link/", linking.link, name="link"),
    path("support/<int:number>/unlink/<int:other>/", linking.unlink, name="unlink"),
    path("support/<int:number>/merge/", linking.merge, name="merge"),
]
