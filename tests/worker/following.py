"""Processes of the recording worker, and what tests ask of them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from devora_admin.config.env import BASE_DIR
from devora_admin.core import mongo
from tests.worker.recording import NAME, SEEN


class Worker:
    def __init__(
        self, environment: Mapping[str, str] = MappingProxyType({}), **settings: str
    ) -> None:
        words = [f"{name}={value}" for name, value in settings.items()]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.worker.recording", *words],
            cwd=BASE_DIR,
            env={
                **os.environ,
                "MEMORY_ENABLED": "0",
                **environment,
                "DJANGO_SETTINGS_MODULE": "devora_admin.config.settings",
            },
            stdout=subprocess.DEVNULL,
        )
        self.pid = self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self.send(signal.SIGTERM)
        assert self._process.wait(timeout=5) == 0

    def end(self) -> None:
        if self._process.poll() is None:
            self.kill()


@contextlib.contextmanager
def working(**settings: str) -> Iterator[Worker]:
    worker = Worker(**settings)
    try:
        yield worker
    finally:
        worker.end()


def until(condition: Callable[[], Any], seconds: float = 45) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def state() -> dict[str, Any]:
    return mongo.database()["worker_state"].find_one({"_id": NAME}) or {}


def is_live() -> bool:
    return bool(state().get("token"))


def seen() -> list[tuple[Any, Any]]:
    """Document and number of each change that was recorded, in order."""
    rows = mongo.database()[SEEN].find({"kind": {"$ne": "reconcile"}}).sort("_id", 1)
    return [(row["of"], row["n"]) for row in rows]


def holds(worker: Worker) -> bool:
    return f":{worker.pid}:" in (state().get("owner") or "")
