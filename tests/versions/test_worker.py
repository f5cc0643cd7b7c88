"""The real worker, killed at any moment, makes each save part of exactly one version."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from random import Random

import pytest

from devora_admin.config.env import BASE_DIR
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.queries import versions as queries

WORKER = [sys.executable, str(BASE_DIR / "manage.py"), "worker", "--verbosity", "0"]


@pytest.fixture
def start() -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(WORKER, env={**os.environ, "MEMORY_ENABLED": "0"}))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def counted() -> int:
    sealed = sum(row["saves"] for row in versions().find({}, {"saves": 1}))
    return sealed + sum(row["open"]["saves"] for row in heads().find({"open": {"$exists": True}}))


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_killed_at_any_moment_it_neither_loses_nor_doubles_a_save(mongo, make_project, start):
    projects = [make_project() for _ in range(5)]
    worker = start()
    until(lambda: counted() == 5)
    random, saves = Random(4), 300
    kills = sorted(random.sample(range(20, saves), 4))
    for number in range(saves):
        # A turn for every third save, so that versions are sealed all the time.
        change = {"$set": {"files.0.content": f"{number}\n"}}
        if number % 3 == 0:
            change["$push"] = {"conversation_history": {"role": "assistant", "content": "done"}}
        mongo.projects.update_one({"id": projects[number % 5]["id"]}, change)
        if number in kills:
            time.sleep(random.random() / 2)
            worker.kill()
            worker.wait()
            worker = start()
    until(lambda: counted() >= saves + 5)
    assert counted() == saves + 5
    for place, project in enumerate(projects):
        newest = queries.latest(project["id"])
        assert newest
        contents = queries.contents([each.sha for each in newest.files], newest)
        assert contents[newest.files[0].sha] == f"{saves - 5 + place}\n".encode()
        numbers = [row["number"] for row in versions().find({"project_id": project["id"]})]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
