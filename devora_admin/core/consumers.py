"""Who follows MongoDB's change streams, and how. The worker (worker.following) does the following.

A consumer turns changes into an effect, and the effect is written in one transaction with the
place up to which it counts: whatever kills the worker, nothing is lost and nothing counted twice.
Each app registers its consumers in AppConfig.ready().
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bson import Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession


class Away(Exception):
    """Another store that a consumer writes to does not answer, or refuses everything. No change is
    to blame: none is set aside, and the same are tried again, later each time."""


Kind = Literal["insert", "update", "replace", "delete"]
Effect = Callable[[ClientSession], None]
"""Writes within the transaction of its session. May run more than once, as transactions do."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one document."""

    collection: str
    key: Any
    """The document's `_id`."""
    kind: Kind
    at: datetime
    cluster_time: Timestamp
    document: RawBSONDocument | None = None
    """Of an insert or a replace: what Consumer.document leaves of the whole."""
    set: tuple[tuple[str, Any], ...] = ()
    """Of an update: dotted paths with what Consumer.value leaves of their new values. Documents
    within are RawBSONDocument."""
    removed: tuple[str, ...] = ()
    cut: tuple[tuple[str, int], ...] = ()
    """Arrays that became shorter: path and new length."""
    is_retry: bool = False
    """It failed before, or one before it of the same document did: read what is stored. `document`
    and `set` may be missing."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    effect: Effect
    position: Any
    """Where to go on, any BSON value; None at the end."""
    handled: int
    """How many this piece was of."""
    total: int | None = None
    """How many there are, about."""
    failed: tuple[tuple[Change, Exception], ...] = ()
    """Documents that could not be brought up to date, to be set aside. The rest goes on."""


@dataclass(frozen=True, slots=True)
class Consumer:
    name: str
    label: str
    """For people: what it does, in a few words."""
    collections: tuple[str, ...]
    apply: Callable[[Sequence[Change]], Effect]
    """Reads and computes outside of the transaction, and returns what is to be written. May raise:
    then the changes are tried document by document, and one that fails five times is set aside.
    What goes to another store than MongoDB is written here, as often as it is asked for; without
    that store it raises Away."""
    reconcile: Callable[[Any], Reconciled]
    """The next piece of bringing everything up to date without the stream: at the first start and
    when the place in the stream is lost. position: of the piece before, None at the beginning."""
    due: Callable[[int, int], Effect | None] | None = None
    """What time alone makes necessary; asked every second or so. Of how many documents at most, and
    how many of the first to pass over: those the effect failed for when they stood alone."""
    value: Any = "$$field.v"
    """Aggregation expression for what to keep of a changed field, named `$$field.k`."""
    document: Any = "$fullDocument"
    """Likewise for an inserted or replaced document."""
    kinds: tuple[Kind, ...] = ("insert", "update", "replace", "delete")
    """Of changes: others are not sent."""
    most: int = 500
    """How many changes are applied at once, where so many wait."""


_CONSUMERS: dict[str, Consumer] = {}


def register(consumer: Consumer) -> None:
    _CONSUMERS[consumer.name] = consumer


def registered() -> list[Consumer]:
    return list(_CONSUMERS.values())


def find(name: str) -> Consumer | None:
    return _CONSUMERS.get(name)


_HOW_FAR: list[Callable[[str], datetime | None]] = []


def tells_how_far(read: Callable[[str], datetime | None]) -> None:
    """Called once by whoever does the following."""
    _HOW_FAR[:] = [read]


def caught_up_at(name: str) -> datetime | None:
    """When a consumer last had nothing left to do: all that changed before has had its effect. None
    where it never had, or nobody knows."""
    return _HOW_FAR[0](name) if _HOW_FAR else None
