"""Loaded before Django's settings: one real MongoDB for the run, one database per test process.

The process that starts the run owns mongod; parallel workers inherit its address.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from devora_admin.embedded import mongo

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_store: "mongo.EmbeddedMongo | None" = None
_folder: Path | None = None

if "DEVORA_TEST_RUN" not in os.environ:
    _folder = Path(tempfile.mkdtemp(prefix="devora-test-"))
    _store = mongo.start(_folder, cache_gb=1)
    os.environ["DEVORA_TEST_RUN"] = str(os.getpid())
    os.environ["MONGO_URL"] = _store.url
    os.environ["DEVORA_DATA_DIR"] = str(_folder / "data")
    for name in (
        "SECRET_KEY", "SECRETS_KEYS", "ALLOWED_HOSTS", "MEMORY_DATABASE_URL", "DEBUG", "TIME_ZONE",
    ):  # fmt: skip
        os.environ.pop(name, None)
# Never a developer's own database: the name says test, whatever the environment said.
os.environ["DB_NAME"] = f"test_{WORKER}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if _store is not None and _folder is not None:
        _store.stop()
        shutil.rmtree(_folder, ignore_errors=True)
