"""The consumer of the change stream that counts events."""

from collections.abc import Sequence
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import consumers, mongo
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled

NAME = "rollups"
_MOST, _FEWEST = 1000, 25


class _Pace:
    """How many events to count at once: fewer where so many were too much in the time there is,
    and at first, when a server that starts with the worker wants the processor, too."""

    def __init__(self) -> None:
        self._position: Any = object()
        self._size = _MOST // 8  # twice that is the first piece

    def size_at(self, position: Any) -> int:
        """position: the same again is one at which it failed."""
        is_again, self._position = position == self._position, position
        self._size = max(_FEWEST, self._size // 4) if is_again else min(_MOST, self._size * 2)
        return self._size


_pace = _Pace()


def register() -> None:
    """Called once, when the app is ready."""
    consumers.register(
        Consumer(
            NAME, "Charts", (EVENTS,), apply=apply, reconcile=reconcile,
            value={"$literal": 0}, document={"_id": 1}, kinds=("insert",), most=_MOST,
        )
    )  # fmt: skip


def apply(changes: Sequence[Change]) -> Effect:
    """By what is stored: the stream says only that there is something."""
    return _effect([change.key for change in changes])


def _effect(keys: Sequence[Any]) -> Effect:
    def effect(session: ClientSession) -> None:
        count(keys, session)

    return effect


def reconcile(position: Any) -> Reconciled:
    """Counts what is not counted, in the order of `_id`."""
    collection, size = mongo.database()[EVENTS], _pace.size_at(position)
    found = collection.find({}, {"_id": 1}).sort("_id", 1).limit(size)
    if position is not None:
        # As a bound of the index, which has every type in order; a comparison keeps to one.
        rest = collection.find({"_id": {"$ne": position["after"]}}, {"_id": 1}).sort("_id", 1)
        found = rest.limit(size).min([("_id", position["after"])]).hint([("_id", 1)])
    keys = [row["_id"] for row in found]
    is_last = len(keys) < size
    return Reconciled(
        _effect(keys), None if is_last else {"after": keys[-1]}, handled=len(keys),
        total=collection.estimated_document_count(),
    )  # fmt: skip
