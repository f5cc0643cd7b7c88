"""Whatever becomes of workers and the store, each change is handled once."""

import random
import signal
import threading
import time
from collections import Counter
from typing import Any

import pytest

from tests.worker.following import Worker, holds, is_live, seen, until, working
from tests.worker.recording import FOLLOWED

pytestmark = pytest.mark.xdist_group("processes")
QUICK = {"lease_ms": "2000"}  # to wait less; the real one is measured below


class Writer(threading.Thread):
    """Inserts documents and counts in them, as fast as it can."""

    def __init__(self, mongo: Any, *, documents: int, updates: int) -> None:
        super().__init__(daemon=True)
        self._followed, self._documents, self._updates = mongo[FOLLOWED], documents, updates

    def run(self) -> None:
        for key in range(self._documents):
            self._followed.insert_one({"_id": key, "n": 0})
            for n in range(1, self._updates + 1):
                self._followed.update_one({"_id": key}, {"$set": {"n": n}})

    @property
    def wanted(self) -> Counter[tuple[Any, Any]]:
        return Counter((key, n) for key in range(self._documents) for n in range(self._updates + 1))


def assert_each_once(writer: Writer) -> None:
    until(lambda: len(seen()) >= sum(writer.wanted.values()))
    time.sleep(0.3)  # for what would be too much
    assert Counter(seen()) == writer.wanted
    last: dict[Any, int] = {}
    for key, n in seen():
        assert n > last.get(key, -1), "in the order in which they were made"
        last[key] = n


def test_kills_at_random_moments_neither_lose_nor_double_a_change(mongo):
    writer, chance = Writer(mongo, documents=200, updates=4), random.Random()
    workers = [Worker(**QUICK) for _ in range(3)]
    try:
        until(is_live)
        writer.start()
        for _ in range(2):
            time.sleep(chance.uniform(0.05, 0.8))
            until(lambda: any(map(holds, workers)))
            holder = next(filter(holds, workers))
            holder.kill()
            workers.remove(holder)
        writer.join()
        assert_each_once(writer)
    finally:
        for worker in workers:
            worker.end()


def test_a_worker_takes_over_within_ten_seconds_of_a_kill_and_at_once_after_a_stop(mongo):
    with working() as first, working() as second, working() as third:
        workers = {first, second, third}
        for end, within_s in ((Worker.kill, 10.0), (Worker.stop, 5.0)):
            until(lambda: is_live() and any(map(holds, workers)))
            holder = next(filter(holds, workers))
            workers.remove(holder)
            end(holder)
            began = time.monotonic()
            until(lambda: any(map(holds, workers)))
            assert time.monotonic() - began < within_s
            mongo[FOLLOWED].insert_one({"n": 0})
            until(lambda: len(seen()) == 3 - len(workers))


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_what_a_worker_had_open_is_rolled_back_by_the_next(mongo, end: signal.Signals):
    """Killed or stopped in a transaction that has written everything, the state too."""
    with working(**QUICK, lingers="1") as first:
        until(is_live)
        mongo[FOLLOWED].insert_one({"_id": 1, "n": 0})
        until(lambda: mongo["lingering"].count_documents({}))
        first.send(end)
        began = time.monotonic()
        with working(**QUICK):
            until(seen)
            assert time.monotonic() - began < 30, "MongoDB itself would take a minute"
            mongo[FOLLOWED].update_one({"_id": 1}, {"$set": {"n": 1}})
            until(lambda: len(seen()) == 2)
    assert seen() == [(1, 0), (1, 1)]


def test_a_worker_that_was_paused_past_its_lease_writes_nothing(mongo):
    """It stands still with a batch in its hands that the other one handles meanwhile."""
    with working(**QUICK, slow_s="0.6") as first:
        until(is_live)
        with working(**QUICK) as second:
            writer = Writer(mongo, documents=40, updates=4)
            writer.start()
            until(seen)
            first.send(signal.SIGSTOP)
            until(lambda: holds(second))
            writer.join()
            until(lambda: len(seen()) == 200)
            first.send(signal.SIGCONT)
            time.sleep(1.5)
            assert holds(second)
            assert_each_once(writer)
