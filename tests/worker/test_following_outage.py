"""The store goes away and comes back."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from devora_admin.embedded import mongo as embedded
from tests.worker.following import Worker
from tests.worker.recording import FOLLOWED, NAME, SEEN

pytestmark = pytest.mark.xdist_group("processes")
DATABASE = "test_following_outage"


class Store:
    def __init__(self, process: embedded.EmbeddedMongo, db: Any) -> None:
        self.process, self.db = process, db

    def worker(self, **settings: str) -> Worker:
        return Worker({"MONGO_URL": self.process.url, "DB_NAME": DATABASE}, **settings)

    def state(self) -> dict[str, Any]:
        return self.db.worker_state.find_one({"_id": NAME}) or {}

    def seen(self, kind: str) -> list[Any]:
        return [row["of"] for row in self.db[SEEN].find({"kind": kind}).sort("of", 1)]


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Store]:
    with (
        embedded.start(tmp_path, cache_gb=0.25) as process,
        MongoClient(process.url) as client,
    ):
        yield Store(process, client[DATABASE])


def until(condition: Any, seconds: float = 45) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)


def test_what_a_store_does_while_it_comes_and_goes_is_handled_once(store):
    worker = store.worker(lease_ms="2000")
    try:
        until(lambda: store.state().get("token"))
        store.db[FOLLOWED].insert_many([{"_id": n, "n": 0} for n in range(100)])
        os.kill(store.process.pid, signal.SIGSTOP)
        time.sleep(4)
        os.kill(store.process.pid, signal.SIGCONT)
        store.db[FOLLOWED].insert_many([{"_id": n, "n": 0} for n in range(100, 200)])
        until(lambda: len(store.seen("insert")) == 200)
        store.process.stop()
        time.sleep(1)
        store.process.start()
        store.db[FOLLOWED].insert_many([{"_id": n, "n": 0} for n in range(200, 300)])
        until(lambda: len(store.seen("insert")) >= 300)
        assert store.seen("insert") == list(range(300))
        assert store.db.dead_letters.count_documents({}) == 0
    finally:
        worker.end()
