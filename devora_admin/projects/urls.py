from django.urls import path

from devora_admin.projects.views import (
    actions,
    bulk,
    conversation,
    customers,
    detail,
    editor,
    export_csv,
    exports,
    files,
    imports,
    listing,
    metadata,
)

app_name = "projects"
urlpatterns = [
    path("projects/", listing.projects_list, name="list"),
    path("projects/count/", listing.count, name="count"),
    path("projects/options/", listing.options, name="options"),
    path("projects/columns/", listing.columns, name="columns"),
    path("projects/export.csv", export_csv.export_csv, name="export_csv"),
    path("projects/bulk/confirm/", bulk.confirm, name="bulk_confirm"),
    path("projects/bulk/", bulk.start, name="bulk_start"),
    path("projects/new/", imports.new_project, name="new"),
    path("projects/<str:project_id>/import-report/", imports.report, name="import_report"),
    path("projects/<str:project_id>/export/", exports.export_zip, name="export_zip"),
    path("projects/of/<str:user_id>/", customers.of_customer, name="of_customer"),
    path("projects/<str:project_id>/", detail.detail, name="detail"),
    path("projects/<str:project_id>/preview/", detail.preview, name="preview"),
    path("projects/<str:project_id>/raw/", detail.raw, name="raw"),
    path("projects/<str:project_id>/raw/download/", detail.download, name="download"),
    path("projects/<str:project_id>/rename/", actions.rename, name="rename"),
    path("projects/<str:project_id>/describe/", actions.describe, name="describe"),
    path("projects/<str:project_id>/archive/", actions.archive, name="archive"),
    path("projects/<str:project_id>/restore/", actions.restore, name="restore"),
    path("projects/<str:project_id>/duplicate/", actions.duplicate, name="duplicate"),
    path("projects/<str:project_id>/transfer/", actions.transfer, name="transfer"),
    path("projects/<str:project_id>/metadata/", metadata.metadata, name="metadata"),
    path("projects/<str:project_id>/metadata/set/", metadata.set_value, name="metadata_set"),
    path("projects/<str:project_id>/metadata/add/", metadata.add_value, name="metadata_add"),
    path(
        "projects/<str:project_id>/metadata/rename/", metadata.rename_key, name="metadata_rename"
    ),
    path(
        "projects/<str:project_id>/metadata/remove/", metadata.remove_value, name="metadata_remove"
    ),
    path("projects/<str:project_id>/metadata/json/", metadata.edit_json, name="metadata_json"),
    path(
        "projects/<str:project_id>/conversation/", conversation.conversation, name="conversation"
    ),
    path(
        "projects/<str:project_id>/conversation/search/",
        conversation.search,
        name="conversation_search",
    ),
    path(
        "projects/<str:project_id>/conversation/<int:position>/", conversation.turn, name="turn"
    ),
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
