"""What the worker does every now and then, beside its jobs.

A chore may run in several workers at once, and again after a crash: it must be harmless twice.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from devora_admin.core import mongo

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    name: str
    every_s: float
    run: Callable[[], object]


_CHORES: dict[str, Chore] = {}


def register(name: str, *, every_s: float, run: Callable[[], object]) -> None:
    _CHORES[name] = Chore(name, every_s, run)


@dataclass(slots=True)
class Rota:
    """Which chores are due, by the clock of one worker."""

    _due: dict[str, float] = field(default_factory=dict)

    def run_due(self) -> None:
        """A chore that fails is logged and tried again at its next turn.

        Raises what says that the store is away.
        """
        now = time.monotonic()
        for chore in list(_CHORES.values()):
            if now < self._due.get(chore.name, 0.0):
                continue
            self._due[chore.name] = now + chore.every_s
            try:
                chore.run()
            except Exception as error:
                if mongo.is_unavailable(error):
                    raise
                log.exception("chore %s failed", chore.name)
