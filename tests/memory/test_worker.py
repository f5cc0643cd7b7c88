"""The worker keeps memory true by itself."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from devora_admin.config.env import BASE_DIR
from devora_admin.memory.documents import queue
from devora_admin.memory.services.notes import store_conversation
from devora_admin.memory.store.models import Chunk, Source
from tests import factories

pytestmark = pytest.mark.usefixtures("memory")


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-m", "devora_admin", "worker", "--verbosity", "0"],
        cwd=BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "devora_admin.config.settings"},
    ) as process:
        yield process
        process.terminate()
        assert process.wait(timeout=15) == 0


def until(texts: set[str], seconds: float = 45) -> None:
    end = time.monotonic() + seconds
    while (found := set(Chunk.objects.values_list("text", flat=True))) != texts:
        assert time.monotonic() < end, found
        time.sleep(0.1)


def test_what_is_there_and_what_comes_is_remembered_and_what_goes_is_forgotten(mongo, worker):
    def of_project(name: str, *said: str) -> dict[str, object]:
        history = [{"role": "user", "content": text} for text in said]
        return factories.project(name=name, files=[], conversation_history=history)

    first = factories.insert(mongo.projects, of_project("One", "before"))
    until({"One\nKind: saas", "before"})
    # A field that versions have as well, of another shape, does not stop the stream.
    second = factories.insert(mongo.projects, {**of_project("Two"), "changes": {"p": "text"}})
    mongo.projects.update_one(
        {"id": first["id"]}, {"$push": {"conversation_history": {"role": "user", "content": "now"}}}
    )
    store_conversation("user-1", "", [{"role": "user", "content": "note"}])
    until({"One\nKind: saas", "before", "now", "Two\nKind: saas", "note"})
    mongo.projects.delete_one({"id": first["id"]})
    until({"Two\nKind: saas", "note"})
    # A write of what memory holds nothing of marks nothing.
    mongo.projects.update_one({"id": second["id"]}, {"$set": {"last_opened_at": factories.EPOCH}})
    version = Source.objects.get(kind="project", key=second["id"]).version
    time.sleep(2)
    assert queue().count_documents({}) == 0
    assert Source.objects.get(kind="project", key=second["id"]).version == version
