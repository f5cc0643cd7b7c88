"""The PostgreSQL database of this test process."""

import os

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections


def make() -> None:
    name = settings.DATABASES["memory"]["NAME"]
    assert name.startswith("test_"), "tests touch databases named test_… only"
    with psycopg.connect(os.environ["DEVORA_TEST_MEMORY"], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    call_command("migrate", database="memory", verbosity=0)


def clear() -> None:
    """Deletes every row, and the indexes that were made for models of the test."""
    tables = [model._meta.db_table for model in apps.get_app_config("memory").get_models()]
    with connections["memory"].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT EXISTS (SELECT 1 FROM {t})" for t in tables))
        if not any(is_there for (is_there,) in cursor.fetchall()):
            return
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%% USING hnsw %%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
