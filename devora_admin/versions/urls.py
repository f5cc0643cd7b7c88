from django.urls import path

from devora_admin.versions.views import comparing, history, naming, replay, restoring, version

app_name = "versions"
urlpatterns = [
    path("projects/<str:project_id>/history/", history.history, name="history"),
    path("projects/<str:project_id>/history/files/", history.files, name="history_files"),
    path("projects/<str:project_id>/versions/<number:number>/", version.version, name="version"),
    path(
        "projects/<str:project_id>/versions/<number:number>/changes/",
        version.changes,
        name="changes",
    ),
    path(
        "projects/<str:project_id>/versions/<number:number>/metadata/",
        version.metadata,
        name="metadata",
    ),
    path(
        "projects/<str:project_id>/versions/<number:number>/download/",
        version.download,
        name="download",
    ),
    path("projects/<str:project_id>/versions/<number:number>/blame/", version.blame, name="blame"),
    path("projects/<str:project_id>/versions/<number:number>/name/", naming.name, name="name"),
    path("projects/<str:project_id>/replay/", replay.replay, name="replay"),
    path("projects/<str:project_id>/compare/", comparing.compare, name="compare"),
    path("projects/<str:project_id>/compare/lines/", comparing.lines, name="compare_lines"),
    path(
        "projects/<str:project_id>/versions/<number:number>/restore/",
        restoring.restore,
        name="restore",
    ),
]
