from django.urls import path

from devora_admin.memory import gate

app_name = "memory"
urlpatterns = [
    path("memory/", gate.view("status.page", "memory.view"), name="status"),
    path("memory/search/", gate.view("search.page", "memory.view"), name="search"),
]
