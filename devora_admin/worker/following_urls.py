from django.urls import path

from devora_admin.worker.views import following as views

app_name = "worker"
urlpatterns = [
    path("worker/", views.overview, name="overview"),
    path("worker/letters/<str:letter_id>/", views.letter, name="letter"),
    path("worker/letters/<str:letter_id>/retry/", views.retry, name="retry"),
    path("worker/letters/<str:letter_id>/discard/", views.discard, name="discard"),
]
