from django.urls import path

from devora_admin.projects.views import editor, exports, files, imports

app_name = "projects"
urlpatterns = [
    path("projects/new/", imports.new_project, name="new"),
    path("projects/<str:project_id>/import-report/", imports.report, name="import_report"),
    path("projects/<str:project_id>/export/", exports.export_zip, name="export_zip"),
    path("projects/<str:project_id>/edit/", editor.edit, name="edit"),
    path("projects/<str:project_id>/files/", editor.files, name="editor_files"),
    path("projects/<str:project_id>/file/", editor.file, name="editor_file"),
    path("projects/<str:project_id>/contents/", editor.contents, name="editor_contents"),
    path("projects/<str:project_id>/presence/", editor.heartbeat, name="editor_presence"),
    path("projects/<str:project_id>/presence/leave/", editor.leave, name="editor_leave"),
    path("projects/<str:project_id>/file/save/", files.save, name="editor_save"),
    path("projects/<str:project_id>/files/save/", files.save_all, name="editor_save_all"),
    path("projects/<str:project_id>/files/create/", files.create, name="editor_create"),
    path("projects/<str:project_id>/files/move/", files.move, name="editor_move"),
    path("projects/<str:project_id>/files/delete/", files.delete, name="editor_delete"),
    path("projects/<str:project_id>/files/undo/", files.undo, name="editor_undo"),
]
