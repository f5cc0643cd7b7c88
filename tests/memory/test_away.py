"""PostgreSQL goes away, or the worker dies: nothing is lost, and nobody has to do anything."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from devora_admin.config.env import BASE_DIR
from devora_admin.embedded import postgres
from devora_admin.embedded.postgres import EmbeddedPostgres
from devora_admin.memory.documents import queue
from devora_admin.memory.errors import MemoryUnavailable
from devora_admin.memory.indexing import work
from devora_admin.memory.indexing.digest import digest
from devora_admin.memory.store.models import Source
from devora_admin.memory.store.router import ALIAS
from tests import factories
from tests.killing import roll_back_what_they_left
from tests.memory.anew import forget_everything

COMMAND = [sys.executable, "-m", "devora_admin", "worker", "--verbosity", "0"]


def working(**environment: str) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "devora_admin.config.settings", **environment}
    return subprocess.Popen(COMMAND, cwd=BASE_DIR, env=env, stderr=subprocess.DEVNULL)


def until(condition: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)


@pytest.fixture
def own(tmp_path) -> Iterator[EmbeddedPostgres]:
    with postgres.start(tmp_path) as store:
        yield store


def names(store: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(store.url) as connection:
        if not connection.execute("SELECT to_regclass('memory_source')").fetchone()[0]:  # type: ignore[index]
            return set()
        rows = connection.execute("SELECT title FROM memory_source WHERE kind = 'code'")
        return {title for (title,) in rows}


def test_the_worker_waits_for_a_store_that_is_away_and_goes_on_by_itself(mongo, own):
    own.stop()
    wanted = {"before it was ever there"}
    factories.insert(mongo.projects, factories.project(name="before it was ever there"))
    worker = working(MEMORY_DATABASE_URL=own.url)
    try:
        until(lambda: queue().count_documents({}) == 1)
        own.start()
        until(lambda: names(own) == wanted)
        own.stop()
        for number in range(30):
            factories.insert(mongo.projects, factories.project(name=f"meanwhile {number}"))
            wanted.add(f"meanwhile {number}")
        # The check that follows an outage may have marked the first one as well.
        until(lambda: queue().count_documents({}) >= 30)
        time.sleep(3)
        assert {row.get("tries") for row in queue().find()} == {0}, (
            "an outage is no fault of theirs"
        )
        own.start()
        until(lambda: names(own) == wanted, 30)
        until(lambda: queue().count_documents({}) == 0, 10)
    finally:
        worker.terminate()
        assert worker.wait(timeout=15) == 0


@pytest.mark.usefixtures("memory")
def test_a_database_that_is_new_is_said_to_be_and_fills_by_itself(mongo, admin):
    project = factories.insert(mongo.projects, factories.project())
    work.make_ready()
    work.index_document("projects", project["_id"])
    live = digest()
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert "not set up yet" in admin.get("/memory/").content.decode()
    with pytest.raises(MemoryUnavailable):
        work.embed_some()
    while queue().count_documents({}) == 0:
        work.keep_true()
    queue().update_many({}, {"$set": {"due_at": factories.EPOCH}})
    work.index_some()
    assert Source.objects.count() == 3
    assert digest() == live


@pytest.mark.usefixtures("memory")
def test_a_worker_killed_at_any_moment_leaves_memory_as_one_that_was_not(mongo):
    made = 0
    for _ in range(2):
        worker = working()
        enough = 3 * made + 20
        for _ in range(40):
            made += 1
            text = "\n".join(f"def function_{made}_{n}(): return {n}" for n in range(40))
            files = [{"name": "a.py", "content": text}]
            mongo.projects.insert_one(factories.project(name=f"Number {made}", files=files))
        until(lambda enough=enough: Source.objects.count() >= enough)
        worker.kill()
        worker.wait()
        roll_back_what_they_left(mongo.client)
        # As a minute later: what it had claimed is anybody's.
        queue().update_many({"owner": {"$exists": True}}, {"$set": {"due_at": factories.EPOCH}})
    last = working()
    try:
        until(lambda: Source.objects.filter(kind="code").count() == made)
        until(lambda: queue().count_documents({}) == 0, 90)
    finally:
        last.terminate()
        last.wait(timeout=15)
    live = digest()
    forget_everything()
    for project in mongo.projects.find({}, {"_id": 1}):
        work.index_document("projects", project["_id"])
    assert digest() == live
