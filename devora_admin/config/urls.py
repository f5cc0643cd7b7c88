from django.urls import include, path

from devora_admin.ops import health, metrics
from devora_admin.projects.views.overview import overview_page
from devora_admin.support.views import csat

handler400 = "devora_admin.core.problems.bad_request"
handler403 = "devora_admin.core.problems.permission_denied"
handler404 = "devora_admin.core.problems.page_not_found"
handler500 = "devora_admin.core.problems.server_error"

urlpatterns = [
    path("", overview_page, name="overview"),
    # The busiest, so the first that are looked at.
    path("", include("devora_admin.api.urls")),
    path("", include("devora_admin.staff.urls")),
    path("", include("devora_admin.projects.urls")),
    path("", include("devora_admin.users.urls")),
    path("", include("devora_admin.usersettings.urls")),
    path("", include("devora_admin.analytics.urls")),
    path("", include("devora_admin.versions.urls")),
    path("", include("devora_admin.memory.urls")),
    path("", include("devora_admin.support.urls")),
    path("", include("devora_admin.worker.urls")),
    path("", include("devora_admin.worker.following_urls")),
    path("csat/<str:token>/", csat.answer, name="csat"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
