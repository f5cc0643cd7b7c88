"""Timing: tasks take turns, so that a machine that slows down slows all of them."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

Task = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Sample:
    times_ms: tuple[float, ...]
    """Shortest first, at least one."""

    @classmethod
    def of(cls, times_ms: list[float]) -> "Sample":
        return cls(tuple(sorted(times_ms)))

    def percentile(self, percent: float) -> float:
        """The shortest time that `percent` of all did not pass."""
        return self.times_ms[max(0, math.ceil(len(self.times_ms) * percent / 100) - 1)]

    @property
    def p50(self) -> float:
        return self.percentile(50)

    @property
    def p95(self) -> float:
        return self.percentile(95)

    @property
    def p99(self) -> float:
        return self.percentile(99)


def interleave(
    tasks: Mapping[str, Task],
    *,
    rounds: int,
    burst: int = 1,
    warm_up: int = 3,
    seconds: float = 120,
) -> dict[str, Sample]:
    """Runs every task in every round, in another order each time, and times it.

    burst: how often in a row, for tasks that leave their neighbour work to do.
    seconds: no round begins later than this, but there is always one.
    """
    times: dict[str, list[float]] = {name: [] for name in tasks}
    order = list(tasks)
    random = Random(1)
    until = time.perf_counter() + seconds
    for number in range(-warm_up, rounds):
        if number > 0 and time.perf_counter() > until:
            break
        random.shuffle(order)
        for name in (name for name in order for _ in range(burst)):
            start = time.perf_counter()
            tasks[name]()
            took_ms = (time.perf_counter() - start) * 1000
            if number >= 0:
                times[name].append(took_ms)
    return {name: Sample.of(found) for name, found in times.items()}
