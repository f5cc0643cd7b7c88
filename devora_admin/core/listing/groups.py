"""Rows of a list that have something in common which a higher app knows of, such as being behind a
point of a chart. The list's address names them by a key, `reader:rest`."""

from collections.abc import Callable
from dataclasses import dataclass

from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.spec import Condition

MOST = 10_000
"""More are not listed at once; the list says so."""


@dataclass(frozen=True, slots=True)
class Reader:
    name: str
    """Before the colon."""
    label: Callable[[str], str]
    """For people, of what follows the colon. Raises InvalidInput; reads little or nothing."""
    ids: Callable[[str, int], list[str]]
    """Of as many at most. Raises InvalidInput, also where it takes too long."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be done with a whole group, on a page of its own."""

    label: str
    icon: str
    permission: str
    url: Callable[[str], str]
    """Of a key; "" for one it is nothing for."""


class Groups:
    """Those of one list."""

    def __init__(self, noun: str) -> None:
        """noun: of several."""
        self._noun = noun
        self._readers: dict[str, Reader] = {}
        self.offers: list[Offer] = []
        self.catalogue: Callable[[], str] = str
        """The address of the page with the groups that have a name; "" without one."""

    def register(self, reader: Reader) -> None:
        self._readers[reader.name] = reader

    def label(self, key: str) -> str:
        """Raises InvalidInput for a key that names nothing."""
        reader, rest = self._of(key)
        return reader.label(rest)

    def label_of_list(self, key: str) -> str:
        """Says as well where not all are listed."""
        label = self.label(key)
        return f"the first {MOST:,} of {label}" if self.is_cut(key) else label

    def ids(self, key: str, most: int = MOST) -> list[str]:
        """The first of them. Raises InvalidInput."""
        reader, rest = self._of(key)
        return reader.ids(rest, most)

    def condition(self, key: str) -> Condition:
        return {"id": {"$in": self.ids(key, MOST)}}

    def is_cut(self, key: str) -> bool:
        """Whether there are more than are listed. Reads as much as the list does."""
        return len(self.ids(key, MOST + 1)) > MOST

    def check_whole(self, key: str) -> None:
        """Raises InvalidInput where the list is a part of what it is named after."""
        if key and self.is_cut(key):
            raise InvalidInput(
                f"More than {MOST:,} {self._noun} are in this group, and the list holds only the "
                "first. Choose a point of a shorter time, or select them one by one.",
                field="group",
            )

    def _of(self, key: str) -> tuple[Reader, str]:
        name, _, rest = key.partition(":")
        reader = self._readers.get(name)
        if reader is None:
            raise InvalidInput(f"There is no such group of {self._noun}.", field="group")
        return reader, rest
