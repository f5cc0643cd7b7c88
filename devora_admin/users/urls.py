from django.urls import path

from devora_admin.users.views import (
    access,
    actions,
    bulk,
    erasing,
    exporting,
    listing,
    merge,
    notes,
    view_as,
)
from devora_admin.users.views.detail import detail
from devora_admin.users.views.suggest import suggest
from devora_admin.users.views.timeline import timeline

app_name = "users"
urlpatterns = [
    path("users/", listing.customers_list, name="list"),
    path("users/count/", listing.count, name="count"),
    path("users/options/", listing.options, name="options"),
    path("users/columns/", listing.columns, name="columns"),
    path("users/export.csv", listing.export_csv, name="export_csv"),
    path("users/bulk/confirm/", bulk.confirm, name="bulk_confirm"),
    path("users/bulk/", bulk.start, name="bulk_start"),
    path("users/suggest/", suggest, name="suggest"),
    path("users/<str:user_id>/", detail, name="detail"),
    path("users/<str:user_id>/timeline/", timeline, name="timeline"),
]

# What can be done to a customer.
urlpatterns += [
    path("users/<str:user_id>/suspend/", actions.suspend, name="suspend"),
    path("users/<str:user_id>/reactivate/", actions.reactivate, name="reactivate"),
    path("users/<str:user_id>/edit/", actions.edit, name="edit"),
    path("users/<str:user_id>/plan/", actions.plan, name="plan"),
    path("users/<str:user_id>/extend/", actions.extend, name="extend"),
    path("users/<str:user_id>/sign-out/", access.sign_out, name="sign_out"),
    path("users/<str:user_id>/reset-link/", access.reset_link, name="reset_link"),
    path("users/<str:user_id>/merge/", merge.merge, name="merge"),
    path("users/<str:user_id>/merge/<str:merge_id>/undo/", merge.undo_merge, name="merge_undo"),
    path("users/<str:user_id>/merge/<str:merge_id>/go-on/", merge.go_on, name="merge_go_on"),
    path("users/<str:user_id>/as/", view_as.page, name="view_as"),
    path("users/<str:user_id>/as/start/", view_as.start, name="view_as_start"),
    path("users/<str:user_id>/as/stop/", view_as.stop, name="view_as_stop"),
    path("users/<str:user_id>/notes/add/", notes.add, name="note_add"),
    path("users/<str:user_id>/notes/<str:note_id>/", notes.edit, name="note_edit"),
    path("users/<str:user_id>/notes/<str:note_id>/delete/", notes.delete, name="note_delete"),
]

# A copy of all about them, and the end of it.
urlpatterns += [
    path("users/<str:user_id>/export/", exporting.page, name="export_data"),
    path("users/<str:user_id>/export/start/", exporting.start, name="export_start"),
    path(
        "users/<str:user_id>/export/<str:export_id>/download/",
        exporting.download,
        name="export_download",
    ),
    path("users/<str:user_id>/erase/", erasing.ask, name="erase"),
    path("erasures/<str:erasure_id>/", erasing.erasure, name="erasure"),
    path("erasures/<str:erasure_id>/receipt.txt", erasing.receipt, name="receipt"),
    path("erasures/<str:erasure_id>/go-on/", erasing.go_on, name="erasure_go_on"),
]
