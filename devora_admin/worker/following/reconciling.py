"""Brings a consumer up to date without the stream: at first, and when its place is lost.

The place from which to follow afterwards is taken before anything is read, so what changes
meanwhile is followed later. How far it is, is stored with each piece's effect.
"""

from collections.abc import Iterator
from typing import Any

from devora_admin.core.consumers import Consumer
from devora_admin.worker.following import stream
from devora_admin.worker.following.lease import NOW, Lease


def begin(lease: Lease, consumer: Consumer, *, why: str) -> None:
    lease.store(
        {
            "token": None,
            "reconcile": {
                "token": stream.fresh_token(consumer),
                "why": why,
                "position": None,
                "handled": 0,
                "total": None,
            },
            "reconcile_began_at": NOW,
            "behind_since": None,
        }
    )


def reconcile(lease: Lease, consumer: Consumer, stored: dict[str, Any]) -> Iterator[None]:
    """One piece at a time, from where it was. Raises LeaseLost, and what the consumer raises."""
    position, handled = stored["position"], stored["handled"]
    while True:
        piece = consumer.reconcile(position)
        position, handled = piece.position, handled + piece.handled
        if position is None:
            ended = {"token": stored["token"], "reconcile": None, "reconciled_at": NOW}
            lease.store(ended, piece.effect)
            return
        total = stored["total"] if piece.total is None else piece.total
        stored = {**stored, "position": position, "handled": handled, "total": total}
        lease.store({"reconcile": stored}, piece.effect)
        yield
