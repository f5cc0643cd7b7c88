"""The worker command: runs what waits, stops when told, outlives an outage."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from devora_admin.config.env import BASE_DIR
from devora_admin.core import job_runner, jobs
from devora_admin.projects.services import bulk
from devora_admin.worker import loop

MANAGE = [sys.executable, str(BASE_DIR / "manage.py"), "worker"]


@pytest.fixture
def process() -> Any:
    env = {**os.environ, "MEMORY_ENABLED": "0"}
    started = subprocess.Popen(MANAGE, env=env, stdout=subprocess.PIPE, text=True)
    assert started.stdout
    assert "waiting for jobs" in started.stdout.readline()
    yield started
    started.kill()
    started.wait()
    started.stdout.close()


def until(condition: Any, seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_it_runs_what_waits_and_stops_when_told(process, actor, mongo, make_project):
    ids = tuple(make_project()["id"] for _ in range(5))
    job_id = bulk.start("archive", bulk.Chosen(ids=ids), total=5, actor=actor)
    assert until(lambda: jobs.find(job_id).state == "done")
    assert jobs.find(job_id).done == 5
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


def test_stopped_in_the_middle_it_leaves_the_rest_to_the_next(process, actor, mongo, make_project):
    ids = tuple(make_project()["id"] for _ in range(400))
    job_id = bulk.start("archive", bulk.Chosen(ids=ids), total=400, actor=actor)
    assert until(lambda: mongo.audit_log.count_documents({}) > 5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    job = jobs.find(job_id)
    assert job.state == "waiting"
    assert 0 < job.handled < 400
    while job_runner.run_next("next"):
        pass
    job = jobs.find(job_id)
    assert (job.done, job.skipped, job.failed) == (400, 0, 0)
    assert mongo.audit_log.count_documents({"action": "project.archive"}) == 400


def test_it_waits_out_a_store_that_is_away(monkeypatch):
    """The store goes away for the first two looks; the third finds it back."""
    monkeypatch.setattr(loop, "IDLE_S", 0.01)
    stop, looks = threading.Event(), 0

    def run_next(name: str, *, stopping: Any) -> bool:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise AutoReconnect("away")
        stop.set()
        return False

    monkeypatch.setattr(loop.job_runner, "run_next", run_next)
    loop.work(stop, name="test")
    assert looks == 3
