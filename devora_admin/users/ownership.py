"""What belongs to a customer and goes along when two accounts are merged.

An app whose documents name their customer registers each collection in its AppConfig.ready():

    ownership.register(Owned("issues", "support issues", "support_issues"))

The field needs an index that begins with it. What cannot be moved by exchanging the customer's id,
as there is one document per customer, is joined by the app itself: `register_joined`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from pymongo.client_session import ClientSession

Moved = Callable[[Iterable[str], ClientSession], None]


@dataclass(frozen=True, slots=True)
class Owned:
    name: str
    """Unique; also what counts are kept under."""
    label: str
    """Several of them, for people."""
    collection: str
    field: str = "user_id"
    batch: int = 1000
    """How many change hands in one transaction: fewer where documents are large."""
    moved: Moved | None = None
    """Called with both customers' ids, in the transaction, whichever way a batch goes."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A place where both accounts hold something else. Nothing here tells a secret."""

    name: str
    """Names the place; the same as long as both hold what they hold."""
    label: str
    kept: str
    absorbed: str


@dataclass(frozen=True, slots=True)
class Preview:
    label: str
    comes: tuple[str, ...] = ()
    """What only the absorbed account has, and is copied."""
    clashes: tuple[Clash, ...] = ()
    stays: tuple[str, ...] = ()
    """What cannot be taken over, and why."""


class Joined(Protocol):
    """Documents of both accounts become one; the absorbed account keeps its own as it is."""

    name: str

    def preview(self, kept_id: str, absorbed_id: str) -> Preview: ...

    def join(
        self, kept_id: str, absorbed_id: str, *, take: Iterable[str], session: ClientSession
    ) -> str:
        """Returns what `part` needs, sealed where it holds secrets. take: names of clashes."""

    def part(self, kept_id: str, record: str, *, session: ClientSession) -> None:
        """Takes the join back. Raises Conflict when what it wrote has been changed since."""


_owned: dict[str, Owned] = {}
_joined: dict[str, Joined] = {}


def register(owned: Owned) -> None:
    _owned[owned.name] = owned


def register_joined(joined: Joined) -> None:
    _joined[joined.name] = joined


def every() -> list[Owned]:
    return [_owned[name] for name in sorted(_owned)]


def every_joined() -> list[Joined]:
    return [_joined[name] for name in sorted(_joined)]
