from django.apps import AppConfig


class MemoryConfig(AppConfig):
    name = "devora_admin.memory"
    label = "memory_pages"
