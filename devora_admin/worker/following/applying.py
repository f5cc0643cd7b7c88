"""Has a consumer apply changes, and stores the effect with the place in the stream.

A batch that fails, for whatever reason, is halved until what is to blame stands alone: a change
among others that are well, or merely too much at once.
"""

import logging
from collections.abc import Mapping, Sequence
from threading import Event as Flag
from typing import Any

from pymongo.errors import NetworkTimeout

from devora_admin.core import mongo
from devora_admin.core.consumers import Away, Change, Consumer, Effect
from devora_admin.worker.following import letters
from devora_admin.worker.following.lease import NOW, Lease, LeaseLost
from devora_admin.worker.following.progress import Progress
from devora_admin.worker.following.stream import Batch, Event

log = logging.getLogger(__name__)

TRIES_AT_ONCE = 2
_PAUSE_S = 0.1
_LETTERS_AT_ONCE = 5
_FEWEST = 8
_DEATHS = 2
"""In a row, before anything was stored; after so many, changes are tried with care."""


def is_away(error: BaseException) -> bool:
    """Whether the store is to blame. One that answers was only given too much."""
    if mongo.is_connection_lost(error) and not isinstance(error, NetworkTimeout):
        return True
    return mongo.is_unavailable(error) and not mongo.answers()


class Died(Exception):
    """A change that the worker never came back from: it took all memory, for example."""


class Stopping(Exception):
    """The worker is told to stop; what was not stored is left to the next one."""


class Applying:
    def __init__(
        self,
        consumer: Consumer,
        lease: Lease,
        progress: Progress,
        stop: Flag,
        *,
        state: Mapping[str, Any],
    ) -> None:
        """state: as it is stored."""
        self._consumer, self._lease = consumer, lease
        self._progress, self._stop = progress, stop
        self._begun: int = state.get("begun") or 0
        """Tries of the next change that were begun, by workers that did not live to end one."""
        self._is_careful = self._begun > 0 or (state.get("deaths") or 0) >= _DEATHS
        self.most = consumer.most
        """How many changes to read at once: fewer for a while after so many were too much."""

    def batch(self, batch: Batch) -> None:
        """Raises LeaseLost, Stopping, or what says that the store is away."""
        self._progress.at_hand_since = batch.events[0].change.at
        if self._is_careful:
            self._with_care(batch)
            self._is_careful = False
        else:
            self._part(batch.events, is_last=batch.is_last)
        self._progress.at_hand_since = None
        self.most = min(self._consumer.most, self.most * 2)

    def nothing(self, batch: Batch) -> None:
        """Notes the place of an empty batch, that it does not grow too old."""
        self._progress.at_hand_since = self._progress.behind_since = None
        self._lease.store({**self._progress.values(), "token": batch.token, "caught_up_at": NOW})

    def letters(self) -> None:
        """Tries again what is due among the dead letters."""
        for row in letters.due(self._consumer.name, limit=_LETTERS_AT_ONCE):
            try:
                effect = self._consumer.apply([letters.change_of(row)])
                self._lease.store({}, letters.overcome(row, effect))
            except Exception as error:
                self._raise_if_elsewhere(error)
                self._lease.store({}, letters.failed_again(row, error))

    def _with_care(self, batch: Batch) -> None:
        """One by one, each try noted beforehand: one of them may be the worker's death."""
        for event in batch.events:
            is_last = batch.is_last and event is batch.events[-1]
            if self._begun >= letters.MOST_TRIES:
                self._aside(event, Died("The worker died at it."), self._begun, is_last=is_last)
                continue
            self._begun += 1
            self._lease.store({"begun": self._begun})
            self._part([event], is_last=is_last)

    def _part(self, events: Sequence[Event], *, is_last: bool) -> None:
        try:
            self._apply(events, is_last=is_last)
        except Exception as error:
            self._raise_if_elsewhere(error)
            if len(events) == 1:
                self._alone(events[0], error, is_last=is_last)
                return
            if mongo.is_unavailable(error) or mongo.is_too_large(error):
                self.most = max(_FEWEST, len(events) // 4)
            middle = len(events) // 2
            self._part(events[:middle], is_last=False)
            self._part(events[middle:], is_last=is_last)

    def _apply(self, events: Sequence[Event], *, is_last: bool) -> None:
        if self._stop.is_set():
            raise Stopping
        changes = letters.told_apart(self._consumer.name, [each.change for each in events])
        self._store(self._consumer.apply(changes), events, is_last)

    def _alone(self, event: Event, error: Exception, *, is_last: bool) -> None:
        """Tries one change once more and then sets it aside."""
        name, tries = self._consumer.name, 1
        if not letters.is_known(name, event.change):
            while tries < TRIES_AT_ONCE:
                self._stop.wait(_PAUSE_S)
                try:
                    self._apply([event], is_last=is_last)
                    return
                except Exception as again:
                    self._raise_if_elsewhere(again)
                    error, tries = again, tries + 1
        self._aside(event, error, tries, is_last=is_last)

    def _aside(self, event: Event, error: Exception, tries: int, *, is_last: bool) -> None:
        log.warning("%s fails at a change: %s", self._consumer.name, type(error).__name__)
        aside = letters.setting_aside(self._consumer.name, event.change, error, tries=tries)
        self._store(aside, [event], is_last, error=error)

    def _store(
        self,
        effect: Effect,
        events: Sequence[Event],
        is_last: bool,
        *,
        error: Exception | None = None,
    ) -> None:
        last: Change = events[-1].change
        values: dict[str, Any] = {
            "token": events[-1].token,
            "cluster_time": last.cluster_time,
            "wall_time": last.at,
            "rate": self._progress.rate.now(),
            "behind_since": None if is_last else last.at,
            "begun": 0,
        }
        if is_last:
            values["caught_up_at"] = NOW
        if error is not None:
            # The rest is in the dead letter, which goes with the customer it is about.
            told = f"{type(error).__name__}: see the changes that could not be handled"
            values |= {"last_error": told, "last_error_at": NOW}
        self._lease.store(values, effect, handled=len(events))
        self._begun = 0
        self._progress.rate.add(len(events))
        self._progress.behind_since = values["behind_since"]

    @staticmethod
    def _raise_if_elsewhere(error: Exception) -> None:
        """What no change is to blame for."""
        if isinstance(error, LeaseLost | Stopping | Away):
            raise error
        if is_away(error):
            raise error
