"""What the worker does all the time in threads of its own, beside jobs and change streams.

A loop may run in several workers at once: what it works on is claimed, or harmless twice.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loop:
    name: str
    step: Callable[[], float]
    """Does a piece of work of a few seconds at most, and returns how many seconds to wait before
    the next; 0 when there is more. What it raises is logged, and it goes on after a pause."""
    threads: int = 1


_LOOPS: dict[str, Loop] = {}


def register(loop: Loop) -> None:
    _LOOPS[loop.name] = loop


def registered() -> list[Loop]:
    return list(_LOOPS.values())
