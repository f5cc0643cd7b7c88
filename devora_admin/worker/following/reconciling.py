"""Brings a consumer up to date without the stream: at first, and when its place is lost.

The place from which to follow afterwards is taken before anything is read, so what changes
meanwhile is followed later. How far it is, is stored with each piece's effect.
"""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.consumers import Consumer, Effect, Reconciled
from devora_admin.worker.following import letters, stream
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
        effect = _with_letters(consumer, piece)
        if position is None:
            ended = {"token": stored["token"], "reconcile": None, "reconciled_at": NOW}
            lease.store(ended, effect)
            return
        total = stored["total"] if piece.total is None else piece.total
        stored = {**stored, "position": position, "handled": handled, "total": total}
        lease.store({"reconcile": stored}, effect)
        yield


def _with_letters(consumer: Consumer, piece: Reconciled) -> Effect:
    aside = [
        letters.setting_aside(consumer.name, change, error, tries=1)
        for change, error in piece.failed
    ]

    def effect(session: ClientSession) -> None:
        piece.effect(session)
        for letter in aside:
            letter(session)

    return effect
