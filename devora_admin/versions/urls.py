from django.urls import path

from devora_admin.versions.views import history, naming, version

app_name = "versions"
urlpatterns = [
    path("projects/<str:project_id>/history/", history.history, name="history"),
    path("projects/<str:project_id>/history/files/", history.files, name="history_files"),
    path("projects/<str:project_id>/versions/<int:number>/", version.version, name="version"),
    path(
        "projects/<str:project_id>/versions/<int:number>/changes/", version.changes, name="changes"
    ),
    path(
        "projects/<str:project_id>/versions/<int:number>/metadata/",
        version.metadata,
        name="metadata",
    ),
    path(
        "projects/<str:project_id>/versions/<int:number>/download/",
        version.download,
        name="download",
    ),
    path("projects/<str:project_id>/versions/<int:number>/name/", naming.name, name="name"),
]
