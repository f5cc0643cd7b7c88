"""One consumer's thread: waits for the lease, goes through everything where that is needed, and
then follows the stream."""

import logging
import time
from threading import Event as Flag
from typing import Any

from devora_admin.core.consumers import Away, Consumer
from devora_admin.worker.following import lease as leases
from devora_admin.worker.following import letters, pulse
from devora_admin.worker.following.applying import Applying, Stopping, is_away
from devora_admin.worker.following.lease import NOW, Lease, LeaseLost
from devora_admin.worker.following.pauses import Pauses
from devora_admin.worker.following.progress import Progress
from devora_admin.worker.following.reconciling import begin, reconcile
from devora_admin.worker.following.stream import PlaceLost, Stream

log = logging.getLogger(__name__)

ASK_EVERY_S = 0.5
"""For the lease, and for what is due."""
TOKEN_EVERY_S = 10.0
"""How often the place of a quiet stream is stored."""


class Follower:
    def __init__(self, consumer: Consumer, *, owner: str, stop: Flag) -> None:
        self._consumer, self._owner, self._stop = consumer, owner, stop
        self._pauses = Pauses()
        self._progress = Progress()
        self._due = Due(consumer)

    def run(self) -> None:
        """Until told to stop; whatever goes wrong is tried again."""
        while not self._stop.is_set():
            try:
                lease = leases.take(self._consumer.name, owner=self._owner)
            except Exception as error:
                self._pause(error)
                continue
            if lease is None:
                self._stop.wait(ASK_EVERY_S)
                continue
            self._progress = Progress()
            with pulse.kept(lease, lambda: self._progress.values()):
                self._hold(lease)

    def _hold(self, lease: Lease) -> None:
        while not self._stop.is_set() and not lease.lost.is_set():
            try:
                self._go_on(lease)
            except (LeaseLost, Stopping):
                return
            except PlaceLost as lost:
                self._begin_again(lease, str(lost))
                self._stop.wait(ASK_EVERY_S)
            except Exception as error:
                self._tell(lease, error)
                self._pause(error)

    def _go_on(self, lease: Lease) -> None:
        """From what is stored: whatever went wrong before, that is what holds."""
        state = lease.state()
        if state.get("token") is None and not state.get("reconcile"):
            begin(lease, self._consumer, why="It follows for the first time.")
            state = lease.state()
        applying = Applying(self._consumer, lease, self._progress, self._stop, state=state)
        if state.get("reconcile"):
            for _ in reconcile(lease, self._consumer, state["reconcile"]):
                self._pauses.reset()
                self._beside(lease, applying)
                if self._stop.is_set():
                    return
            state = lease.state()
        follow = Stream(self._consumer, state["token"])
        try:
            self._follow(lease, follow, applying)
        finally:
            follow.close()

    def _follow(self, lease: Lease, follow: Stream, applying: Applying) -> None:
        token_due, is_caught_up = 0.0, False
        while not self._stop.is_set():
            batch = follow.next_batch(most=applying.most, is_stopping=self._stop.is_set)
            if batch.events:
                applying.batch(batch)
                is_caught_up = batch.is_last
            elif batch.is_last and (not is_caught_up or time.monotonic() >= token_due):
                applying.nothing(batch)
                is_caught_up, token_due = True, time.monotonic() + TOKEN_EVERY_S
            self._pauses.reset()
            self._beside(lease, applying)

    def _beside(self, lease: Lease, applying: Applying) -> None:
        if self._due.is_now():
            applying.letters()
            self._due.run(lease)

    def _begin_again(self, lease: Lease, why: str) -> None:
        log.warning("%s lost its place in the stream: %s", self._consumer.name, why)
        try:
            begin(lease, self._consumer, why=why)
        except LeaseLost:
            return
        except Exception as error:
            self._tell(lease, error)
            self._pause(error)

    def _tell(self, lease: Lease, error: Exception) -> None:
        if is_away(error):
            return
        if not isinstance(error, Away):  # nothing in the code is to blame
            log.exception("%s failed", self._consumer.name)
        try:
            lease.renew({"last_error": letters.error_text(error), "last_error_at": NOW})
        except Exception:
            log.warning("the error of %s was not stored", self._consumer.name)

    def _pause(self, error: Exception) -> None:
        pause_s = self._pauses.next_s()
        log.warning("%s: %s; again in %.1f s", self._consumer.name, type(error).__name__, pause_s)
        self._stop.wait(pause_s)


class Due:
    """What time alone makes necessary for a consumer. A failure is told, and tried again later.

    After one it asks for fewer, and passes over what fails alone, until there is nothing else.
    """

    MOST = 40
    AGAIN_S = 30.0
    """After which what was passed over has its turn again."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._pauses = Pauses()
        self._most, self._skip = self.MOST, 0
        self._look_at = 0.0
        self._ask_at = 0.0

    def is_now(self) -> bool:
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + ASK_EVERY_S
        return True

    def run(self, lease: Lease) -> None:
        if self._consumer.due is None or time.monotonic() < self._ask_at:
            return
        try:
            effect = self._consumer.due(self._most, self._skip)
            if effect is not None:
                lease.store({}, effect)
        except LeaseLost:
            raise
        except Exception as error:
            if is_away(error):
                raise
            log.exception("what is due for %s failed", self._consumer.name)
            self._ask_at = time.monotonic() + self._pauses.next_s()
            self._narrow()
            told: dict[str, Any] = {"last_error": letters.error_text(error), "last_error_at": NOW}
            lease.renew(told)
        else:
            self._pauses.reset()
            has_passed_over = effect is None and self._skip > 0
            self._ask_at = time.monotonic() + (self.AGAIN_S if has_passed_over else 1.0)
            self._most = min(self.MOST, self._most * 2)
            if effect is None:
                self._skip = 0

    def _narrow(self) -> None:
        if self._most == 1:
            self._skip += 1
        self._most = max(1, self._most // 4)
