from django.urls import path

from devora_admin.support.views import attachments, notices, sla
from devora_admin.support.views import attachments, mail

app_name = "support"

urlpatterns = [
    path(
        "support/<int:number>/attachments/<str:attachment_id>/",
        attachments.attachment,
        name="attachment",
    ),
    # What is promised, its clocks, and who is told.
    path("support/settings/sla/", sla.settings, name="settings_sla"),
    path("support/settings/sla/save/", sla.save, name="settings_sla_save"),
    path("support/settings/sla/preview/", sla.preview, name="settings_sla_preview"),
    path("support/<int:number>/clock/", sla.clock, name="clock"),
    path("support/notices/", notices.notices, name="notices"),
    path("support/notices/seen/", notices.mark_seen, name="notices_seen"),
    # MAIL: replies on their way to customers.
    path(
        "support/<int:number>/replies/<str:message_id>/send-again/", mail.retry, name="mail_retry"
    ),
    path("support/settings/mail/", mail.settings_page, name="settings_mail"),
    path("support/settings/mail/send-again/", mail.retry_all, name="settings_mail_retry"),
]
