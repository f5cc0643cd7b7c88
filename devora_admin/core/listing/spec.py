"""What a list is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pymongo.collection import Collection

Condition = dict[str, Any]
Found = dict[str, Any]
"""A row as the store computed it, see `columns.projection`."""


class Narrowing(Protocol):
    """The filters of a list."""

    @property
    def q(self) -> str: ...

    @property
    def any_set(self) -> bool:
        """Whether they narrow the list further than one of its indexes does by itself."""
        ...


F = TypeVar("F", bound=Narrowing)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Searched:
    """Fields that the search text is compared with."""

    prefixes: tuple[str, ...]
    ids: tuple[str, ...]
    words: tuple[str, ...]
    """Those of the collection's text index: the search finds whole words in them."""
    ids_in_any_case: bool = False
    most_gathered: int | None = None
    """How many candidates are read and sorted at once; None for documents of some kilobytes."""


@dataclass(frozen=True, slots=True)
class Walked:
    """The index that holds an unnarrowed list in order."""

    index: str
    prefix: tuple[tuple[str, Any], ...] = ()
    """What stands in the index before the sort value, and is the same for the whole list."""


@dataclass(frozen=True, slots=True)
class ListSpec(Generic[F, R]):
    name: str
    collection: Callable[[], Collection[dict[str, Any]]]
    condition: Callable[[F], Condition]
    """All filters but the search text."""
    searched: Searched
    walked: Callable[[F, str], Walked]
    """For filters and a sort."""
    columns: Mapping[str, Any]
    rows: Callable[[list[Found]], list[R]]
    too_slow: str
    """One sentence for whoever asked too much at once."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[F]):
    """What is asked of a list."""

    filters: F
    sort: str
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Chosen(Generic[F]):
    """What something is done to: some documents by id, or all that match when it comes to them."""

    ids: tuple[str, ...] = ()
    filters: F | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    rows: list[R]
    start: int
    """The number of the first row, from 1."""
    previous: str
    """A cursor, or "" on the first page."""
    next: str

    @property
    def last(self) -> int:
        return self.start + len(self.rows) - 1
