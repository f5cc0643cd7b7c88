from django.urls import path

from devora_admin.analytics.views import quarantine
from devora_admin.analytics.views.issue_events import issue_events

app_name = "analytics"
urlpatterns = [
    path("analytics/quarantine/", quarantine.held, name="quarantine"),
    path("support/<number:number>/events/", issue_events, name="issue_events"),
]
