from django.urls import path

from devora_admin.support.views import (
    applying,
    attachments,
    beside,
    bulk,
    canned,
    composing,
    context,
    detail,
    drafting,
    fields,
    following,
    inbox,
    linking,
    live,
    macros,
    mail,
    notices,
    opening,
    picking,
    project,
    reports,
    rules,
    saved,
    setup,
    sla,
    snoozing,
    suggestions,
)

app_name = "support"

urlpatterns = [
    path(
        "support/<number:number>/attachments/<str:attachment_id>/",
        attachments.attachment,
        name="attachment",
    ),
    # What is promised, its clocks, and who is told.
    path("support/settings/sla/", sla.settings, name="settings_sla"),
    path("support/settings/sla/save/", sla.save, name="settings_sla_save"),
    path("support/settings/sla/preview/", sla.preview, name="settings_sla_preview"),
    path("support/<number:number>/clock/", sla.clock, name="clock"),
    path("support/notices/", notices.notices, name="notices"),
    path("support/notices/seen/", notices.mark_seen, name="notices_seen"),
    # Replies on their way to customers.
    path(
        "support/<number:number>/replies/<str:message_id>/send-again/",
        mail.retry,
        name="mail_retry",
    ),
    path("support/settings/mail/", mail.settings_page, name="settings_mail"),
    path("support/settings/mail/notices/", mail.tell, name="settings_mail_tell"),
    path("support/settings/mail/send-again/", mail.retry_all, name="settings_mail_retry"),
    # What a time's issues came to.
    path("support/reports/", reports.page, name="reports"),
    path("support/reports/<str:table>.csv", reports.export, name="reports_csv"),
]

# What makes work quick: canned replies, macros, snoozing and rules.
_SETTINGS = "support/settings/"
_ISSUE = "support/<number:number>/"
_CANNED = _SETTINGS + "canned/"
_MACROS = _SETTINGS + "macros/"
_RULES = _SETTINGS + "rules/"

urlpatterns += [
    path(_SETTINGS, setup.page, name="settings"),
    path(_SETTINGS + "away/", setup.away, name="away"),
    path(_SETTINGS + "back/", setup.back, name="back"),
    path(_CANNED, canned.listing, name="settings_canned"),
    path(_CANNED + "new/", canned.new, name="canned_new"),
    path(_CANNED + "preview/", canned.preview, name="canned_preview"),
    path(_CANNED + "<str:canned_id>/", canned.edit, name="canned_edit"),
    path(_CANNED + "<str:canned_id>/delete/", canned.delete, name="canned_delete"),
    path(_ISSUE + "canned/", picking.pick, name="canned_pick"),
    path(_ISSUE + "canned/words/", picking.words, name="canned_words"),
    path(_ISSUE + "canned/<str:canned_id>/", picking.rendered, name="canned_rendered"),
    path(_MACROS, macros.listing, name="settings_macros"),
    path(_MACROS + "new/", macros.new, name="macro_new"),
    path(_MACROS + "<str:macro_id>/", macros.edit, name="macro_edit"),
    path(_MACROS + "<str:macro_id>/delete/", macros.delete, name="macro_delete"),
    path(_RULES, rules.listing, name="settings_rules"),
    path(_RULES + "new/", rules.new, name="rule_new"),
    path(_RULES + "try/", rules.tried, name="rules_tried"),
    path(_RULES + "<str:rule_id>/", rules.edit, name="rule_edit"),
    path(_RULES + "<str:rule_id>/up/", rules.up, name="rule_up"),
    path(_RULES + "<str:rule_id>/down/", rules.down, name="rule_down"),
    path(_RULES + "<str:rule_id>/delete/", rules.delete, name="rule_delete"),
    path(_ISSUE + "macros/", applying.pick, name="macro_pick"),
    path(_ISSUE + "macros/<str:macro_id>/", applying.apply, name="macro_apply"),
    path(_ISSUE + "snooze/", snoozing.snooze, name="snooze"),
    path(_ISSUE + "wake/", snoozing.wake, name="wake"),
]

# Beside an issue, fetched after its page.
urlpatterns += [
    path("support/<number:number>/project/", context.project, name="project"),
    path("support/<number:number>/similar/", context.similar, name="similar"),
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

# The page of an issue.
urlpatterns += [
    path("support/new/", opening.new, name="new"),
    path("support/new/projects/", opening.projects, name="new_projects"),
    path("support/files/", drafting.upload, name="upload"),
    path("support/files/<str:attachment_id>/remove/", drafting.remove_file, name="remove_file"),
    path("support/go-on/", fields.go_on, name="go_on"),
    path("support/<number:number>/", detail.detail, name="detail"),
    path("support/<number:number>/next/", beside.following, name="following"),
    path("support/<number:number>/previous/", beside.preceding, name="preceding"),
    path("support/<number:number>/composer/", detail.composer, name="composer"),
    path("support/<number:number>/history/", detail.history, name="history"),
    path("support/<number:number>/reply/", composing.reply, name="reply"),
    path("support/<number:number>/note/", composing.note, name="note"),
    path("support/<number:number>/preview/", composing.preview, name="preview"),
    path("support/<number:number>/draft/", drafting.save, name="draft"),
    path("support/<number:number>/draft/discard/", drafting.discard, name="draft_discard"),
    path("support/<number:number>/draft/restore/", drafting.restore, name="draft_restore"),
    path("support/<number:number>/changes/", following.changes, name="changes"),
    path("support/<number:number>/here/", following.here, name="here"),
    path("support/<number:number>/gone/", following.gone, name="gone"),
    path("support/<number:number>/status/", fields.status, name="status"),
    path("support/<number:number>/priority/", fields.priority, name="priority"),
    path("support/<number:number>/assignee/", fields.assignee, name="assignee"),
    path("support/<number:number>/tags/", fields.tags, name="tags"),
    path("support/<number:number>/subject/", fields.subject, name="subject"),
    path("support/<number:number>/watch/", fields.watch, name="watch"),
    path("support/<number:number>/unwatch/", fields.unwatch, name="unwatch"),
    path("support/<number:number>/link/", linking.link, name="link"),
    path("support/<number:number>/unlink/<number:other>/", linking.unlink, name="unlink"),
    path("support/<number:number>/merge/", linking.merge, name="merge"),
]

# What was found and may become an issue.
_SUGGESTIONS = "support/suggestions/"
_SUGGESTION = _SUGGESTIONS + "<str:suggestion_id>/"

urlpatterns += [
    path(_SUGGESTIONS, suggestions.listing, name="suggestions"),
    path(_SUGGESTIONS + "count/", suggestions.count, name="suggestions_count"),
    path(_SUGGESTION, suggestions.detail, name="suggestion"),
    path(_SUGGESTION + "customers/", suggestions.customers, name="suggestion_customers"),
    path(_SUGGESTION + "open/", suggestions.open_issue, name="suggestion_open"),
    path(_SUGGESTION + "dismiss/", suggestions.dismiss, name="suggestion_dismiss"),
]
