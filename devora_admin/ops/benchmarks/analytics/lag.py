"""How far behind the charts are while events come in at a rate: worker, writer and MongoDB share
the machine."""

import threading
import time
from dataclasses import dataclass, field
from random import Random

import pymongo

from devora_admin.analytics.documents import COUNTED, events
from devora_admin.core import clock
from devora_admin.core.ids import new_id
from devora_admin.ops.benchmarks.analytics.filling import PEOPLE, event
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.report import Amount, Figure, Report, Section, Target
from devora_admin.ops.benchmarks.worker import working

RATE = 2000
TARGET = Target(p95_ms=3000)
_BATCH = 100
_LOOK_EVERY_S = 0.1
_PATIENCE_S = 300.0


def lag(*, seconds: float, report: Report) -> Section:
    with working():
        report("waiting for the worker to count")
        first = _Run(rate=RATE, seconds=0)
        first.go()
        report(f"{RATE:,} events a second for {seconds:g} s")
        run = _Run(rate=RATE, seconds=seconds)
        run.go()
    return Section(
        "From an event to the charts (ms)",
        [Figure(f"{RATE:,} events a second wanted", Sample.of(run.lags_ms), TARGET)],
        amounts=[Amount("events made", run.made / run.took_s, "a second", form=",.0f")],
        notes=[f"Written {_BATCH} at a time; measured by the last of each, {len(run.lags_ms):,}."],
    )


@dataclass
class _Run:
    """Events at a fixed rate, whether or not those before are counted; and when each batch was."""

    rate: float
    seconds: float
    made: int = 0
    took_s: float = 0.0
    lags_ms: list[float] = field(default_factory=list)
    _pending: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _written: threading.Event = field(default_factory=threading.Event)

    def go(self) -> None:
        watcher = threading.Thread(target=self._watch)
        start = time.perf_counter()
        watcher.start()
        self._write(start)
        self.took_s = time.perf_counter() - start
        self._written.set()
        watcher.join()
        if self._pending:
            raise RuntimeError("events were not counted in time")

    def _write(self, start: float) -> None:
        random, name = Random(new_id()), new_id()
        for batch in range(max(1, int(self.rate * self.seconds / _BATCH))):
            if (wait_s := start + batch * _BATCH / self.rate - time.perf_counter()) > 0:
                time.sleep(wait_s)
            now = clock.now()
            rows = [
                event(f"{name}-{batch}-{n}", now, random.randrange(PEOPLE), random)
                for n in range(_BATCH)
            ]
            with pymongo.timeout(_PATIENCE_S):
                events().insert_many(rows)
            self.made += _BATCH
            with self._lock:
                self._pending[rows[-1]["_id"]] = time.perf_counter()

    def _watch(self) -> None:
        end = time.monotonic() + self.seconds + _PATIENCE_S
        while not (self._written.is_set() and not self._pending) and time.monotonic() < end:
            time.sleep(_LOOK_EVERY_S)
            with self._lock:
                waiting = list(self._pending)
            counted = {"_id": {"$in": waiting}, COUNTED: {"$exists": True}}
            with pymongo.timeout(_PATIENCE_S):
                found = [row["_id"] for row in events().find(counted, {"_id": 1})]
            now = time.perf_counter()
            with self._lock:
                self.lags_ms += [(now - self._pending.pop(key)) * 1000 for key in found]
