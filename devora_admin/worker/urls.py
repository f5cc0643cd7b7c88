from django.urls import path

from devora_admin.worker.views import jobs as views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.job_list, name="list"),
    path("jobs/<str:job_id>/", views.detail, name="detail"),
    path("jobs/<str:job_id>/cancel/", views.cancel, name="cancel"),
    path("jobs/<str:job_id>/undo/", views.undo, name="undo"),
]
