from django.urls import path

from devora_admin.support.views import attachments, bulk, inbox, live, mail, project, reports, saved

app_name = "support"

urlpatterns = [
    path(
        "support/<int:number>/attachments/<str:attachment_id>/",
        attachments.attachment,
        name="attachment",
    ),
    # MAIL: replies on their way to customers.
    path(
        "support/<int:number>/replies/<str:message_id>/send-again/", mail.retry, name="mail_retry"
    ),
    path("support/settings/mail/", mail.settings_page, name="settings_mail"),
    path("support/settings/mail/send-again/", mail.retry_all, name="settings_mail_retry"),
    # REPORTS: what a time's issues came to.
    path("support/reports/", reports.page, name="reports"),
    path("support/reports/<str:table>.csv", reports.export, name="reports_csv"),
]

# The inbox.
urlpatterns += [
    path("support/", inbox.inbox_list, name="list"),
    path("support/count/", inbox.count, name="count"),
    path("support/options/", inbox.options, name="options"),
    path("support/columns/", inbox.columns, name="columns"),
    path("support/counts/", live.counts, name="counts"),
    path("support/fresh/", live.fresh, name="fresh"),
    path("support/bulk/confirm/", bulk.confirm, name="bulk_confirm"),
    path("support/bulk/", bulk.start, name="bulk_start"),
    path("support/of-project/<str:project_id>/", project.of_a_project, name="of_project"),
    path("support/views/save/", saved.save, name="view_save"),
    path("support/views/<str:view_id>/", saved.change, name="view_change"),
    path("support/views/<str:view_id>/delete/", saved.delete, name="view_delete"),
]
