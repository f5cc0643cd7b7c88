from django.urls import path

from devora_admin.analytics.views import alerts, charts, notes, quarantine, segments, weekly
from devora_admin.analytics.views.boards import arranging, changing, showing
from devora_admin.analytics.views.issue_events import issue_events

app_name = "analytics"
urlpatterns = [
    path("analytics/quarantine/", quarantine.held, name="quarantine"),
    path("analytics/", charts.overview, name="overview"),
    path("analytics/generations/", charts.generations, name="generations"),
    path("analytics/customers/", charts.customers, name="customers"),
    path("analytics/projects/", charts.projects, name="projects"),
    path("analytics/segments/", segments.listing, name="segments"),
    path("analytics/segments/new/", segments.new, name="segment_new"),
    path("analytics/segments/issue/", segments.open_issue, name="segment_issue"),
    path("analytics/segments/<str:segment_id>/", segments.edit, name="segment"),
    path("analytics/segments/<str:segment_id>/delete/", segments.delete, name="segment_delete"),
    path("analytics/live/", charts.live, name="live"),
    path("analytics/alerts/", alerts.every, name="alerts"),
    path("analytics/alerts/new/", alerts.new, name="alert_new"),
    path("analytics/alerts/<str:alert_id>/", alerts.one, name="alert"),
    path("analytics/alerts/<str:alert_id>/edit/", alerts.edit, name="alert_edit"),
    path("analytics/alerts/<str:alert_id>/delete/", alerts.delete, name="alert_delete"),
    path("analytics/alerts/<str:alert_id>/mute/", alerts.mute, name="alert_mute"),
    path("analytics/alerts/<str:alert_id>/unmute/", alerts.unmute, name="alert_unmute"),
    path("analytics/alerts/<str:alert_id>/seen/", alerts.acknowledge, name="alert_seen"),
    path("analytics/weekly/", weekly.shown, name="weekly"),
    path("analytics/weekly/subscribe/", weekly.subscribe, name="weekly_subscribe"),
    path("analytics/weekly/unsubscribe/", weekly.unsubscribe, name="weekly_unsubscribe"),
    path("analytics/explore/", charts.explore, name="explore"),
    path("analytics/<str:page>/<str:chart>.csv", charts.csv, name="csv"),
    path("analytics/notes/", notes.notes, name="notes"),
    path("analytics/notes/add/", notes.add, name="note_add"),
    path("analytics/notes/<str:chart_note_id>/", notes.edit, name="note_edit"),
    path("analytics/notes/<str:chart_note_id>/delete/", notes.delete, name="note_delete"),
    path("analytics/boards/", showing.boards, name="boards"),
    path("analytics/boards/new/", changing.new, name="board_new"),
    path("analytics/boards/save/", changing.save_chart, name="board_save"),
    path("analytics/boards/<str:board_id>/", showing.shown, name="board"),
    path("analytics/boards/<str:board_id>/charts/", showing.more, name="board_more"),
    path("analytics/boards/<str:board_id>/edit/", changing.edit, name="board_edit"),
    path("analytics/boards/<str:board_id>/copy/", changing.duplicate, name="board_copy"),
    path("analytics/boards/<str:board_id>/delete/", changing.delete, name="board_delete"),
    path("analytics/boards/<str:board_id>/arrange/", arranging.arrange, name="board_arrange"),
    *(
        path(f"analytics/boards/<str:board_id>/<str:part_id>/{verb}/", view, name=f"board_{verb}")
        for verb, view in (
            ("up", arranging.up),
            ("down", arranging.down),
            ("rename", arranging.rename),
            ("remove", arranging.remove),
        )
    ),
    path("support/<number:number>/events/", issue_events, name="issue_events"),
]
