"""Whatever becomes of the worker, and of a rebuild beside it, each event is counted once."""

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from devora_admin.analytics.rollups import rebuilding
from tests.analytics import brute
from tests.analytics.counted import assert_true
from tests.worker.following import until

pytestmark = pytest.mark.xdist_group("processes")
EVENTS = 600


def worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.analytics.counting"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "MEMORY_ENABLED": "0", "TIME_ZONE": settings.TIME_ZONE,
             "DJANGO_SETTINGS_MODULE": "devora_admin.config.settings"},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def insert_slowly(mongo: Any) -> None:
    chance, now = random.Random(4), datetime.now(UTC)
    for number in range(EVENTS // 20):
        mongo["analytics_events"].insert_many([
            {
                "_id": number * 20 + each,
                "event_type": chance.choice(("login", "generation_completed")),
                "user_id": f"u{chance.randrange(40)}",
                "timestamp": now - timedelta(hours=chance.choice((0, 0, 0, 30, 800))),
                "properties": {"tokens": chance.randrange(99), "latency_ms": chance.randrange(9)},
            }
            for each in range(20)
        ])  # fmt: skip
        time.sleep(0.05)


def test_kills_and_rebuilds_neither_lose_nor_double_an_event(mongo):
    mongo["analytics_events"].insert_many(
        [{"_id": f"old{n}", "event_type": "login", "user_id": "u1", "properties": {},
          "timestamp": datetime(2026, 1, 1 + n % 28, tzinfo=UTC)} for n in range(1200)]
    )  # fmt: skip
    writer = threading.Thread(target=insert_slowly, args=(mongo,), daemon=True)
    running = worker()
    try:
        until(lambda: mongo["analytics_state"].find_one())
        writer.start()
        for _ in range(2):
            time.sleep(random.uniform(0.1, 1.0))
            running.kill()
            running.wait()
            running = worker()
            list(rebuilding.rebuild())
        writer.join()
        counted = {"dimensions": {"$exists": True}}
        until(lambda: mongo["analytics_events"].count_documents(counted) == EVENTS + 1200, 90)
        assert_true(mongo, settings.TIME_ZONE)
        before = brute.stored(mongo)
        list(rebuilding.rebuild())
        assert brute.stored(mongo) == before
        assert mongo["dead_letters"].count_documents({}) == 0
    finally:
        running.kill()
        running.wait()
