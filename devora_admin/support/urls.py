from django.urls import path

from devora_admin.support.views import attachments, mail, reports

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
