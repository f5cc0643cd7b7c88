"""Loaded before Django's settings: one real MongoDB and one real PostgreSQL for the run, one
database in each per test process.

The process that starts the run owns the stores; parallel workers inherit their addresses.
MEMORY_ENABLED=0 in the environment runs without PostgreSQL.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import WTimeoutError

from devora_admin.embedded import mongo, postgres

PRIMARY_WITHIN_S = 10
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_store: "mongo.EmbeddedMongo | None" = None
_memory: "postgres.EmbeddedPostgres | None" = None
_folder: Path | None = None


def _answer_before_the_disk_does(url: str) -> None:
    """What a crash would lose is of no use to a test, here as in PostgreSQL below."""
    with MongoClient[dict[str, Any]](url) as client:
        config = client.admin.command("replSetGetConfig")["config"]
        config["version"] += 1
        config["writeConcernMajorityJournalDefault"] = False
        client.admin.command("replSetReconfig", config, force=True)
        until = time.monotonic() + PRIMARY_WITHIN_S
        while not client.admin.command("hello")["isWritablePrimary"]:
            assert time.monotonic() < until, "MongoDB is no primary after its reconfiguration"
            time.sleep(0.02)
        # What is written first is acknowledged with the next write only, or after 20 seconds.
        while not _is_acknowledged(client):
            assert time.monotonic() < until, "MongoDB acknowledges nothing"


def _delete_nothing_for_its_age(url: str) -> None:
    """The store's own clock would end what a test dates in the past, sessions above all."""
    with MongoClient[dict[str, Any]](url) as client:
        client.admin.command("setParameter", 1, ttlMonitorEnabled=False)


def _is_acknowledged(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        concern = {"w": "majority", "j": True, "wtimeout": 100}
        client.admin.command("appendOplogNote", 1, data={}, writeConcern=concern)
    except WTimeoutError:
        return False
    return True


if "DEVORA_TEST_RUN" not in os.environ:
    _folder = Path(tempfile.mkdtemp(prefix="devora-test-"))
    _store = mongo.start(_folder, cache_gb=1)
    _answer_before_the_disk_does(_store.url)
    _delete_nothing_for_its_age(_store.url)
    os.environ["DEVORA_TEST_RUN"] = str(os.getpid())
    os.environ["MONGO_URL"] = _store.url
    os.environ["DEVORA_DATA_DIR"] = str(_folder / "data")
    for name in (
        "SECRET_KEY", "SECRETS_KEYS", "ALLOWED_HOSTS", "MEMORY_DATABASE_URL", "DEBUG", "TIME_ZONE",
    ):  # fmt: skip
        os.environ.pop(name, None)
    # Words alone, unless a test asks for meaning: a model takes a second to load.
    os.environ["EMBEDDING_PROVIDER"] = "none"
    if os.environ.get("MEMORY_ENABLED") != "0":
        _memory = postgres.start(
            _folder,
            settings={
                "fsync": "off",
                "full_page_writes": "off",
                # All of them are looked through for each table that is emptied.
                "shared_buffers": "128MB",
            },
        )
        os.environ["DEVORA_TEST_MEMORY"] = _memory.url
# Never a developer's own database: the name says test, whatever the environment said.
os.environ["DB_NAME"] = f"test_{WORKER}"
if all_memory := os.environ.get("DEVORA_TEST_MEMORY"):
    os.environ["MEMORY_DATABASE_URL"] = all_memory.replace("/devora?", f"/test_{WORKER}?")


def pytest_unconfigure(config: pytest.Config) -> None:
    if _store is not None and _folder is not None:
        if _memory is not None:
            _memory.stop()
        _store.stop()
        shutil.rmtree(_folder, ignore_errors=True)
