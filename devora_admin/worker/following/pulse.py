"""Keeps a lease while its holder works, however long that takes."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.errors import PyMongoError

from devora_admin.worker.following.lease import Lease, LeaseLost, renew_every_s

log = logging.getLogger(__name__)


@contextmanager
def kept(lease: Lease, tell: Callable[[], dict[str, Any]]) -> Iterator[None]:
    """Renews the lease every now and then, and releases it at the end. tell: what to store."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(renew_every_s()):
            try:
                lease.renew(tell())
            except LeaseLost:
                return
            except PyMongoError:
                continue  # away or slow: it either comes back in time or the lease is over
            except Exception:
                log.exception("the lease of %s was not renewed", lease.consumer)

    thread = threading.Thread(target=beat, name=f"lease of {lease.consumer}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        try:
            lease.release()
        except PyMongoError:
            log.warning("the lease of %s was not released; it runs out", lease.consumer)
