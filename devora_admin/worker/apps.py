from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "devora_admin.worker"
