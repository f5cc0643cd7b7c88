from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "devora_admin.projects"
