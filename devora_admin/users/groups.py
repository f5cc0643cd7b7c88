"""Customers who have something in common that a higher app knows of, such as being behind a point
of a chart. The list's address names them by a key, `reader:rest`."""

from collections.abc import Callable
from dataclasses import dataclass

from devora_admin.core.errors import InvalidInput

MOST = 10_000
"""More are not listed at once; the list says so."""


@dataclass(frozen=True, slots=True)
class Reader:
    name: str
    """Before the colon."""
    label: Callable[[str], str]
    """For people, of what follows the colon. Raises InvalidInput; reads little or nothing."""
    ids: Callable[[str, int], list[str]]
    """Of customers, as many at most. Raises InvalidInput, also where it takes too long."""


_readers: dict[str, Reader] = {}


def register(reader: Reader) -> None:
    _readers[reader.name] = reader


def label(key: str) -> str:
    """Raises InvalidInput for a key that names nothing."""
    reader, rest = _of(key)
    return reader.label(rest)


def ids(key: str) -> list[str]:
    """The first MOST of them."""
    return _ids(key, MOST)


def is_cut(key: str) -> bool:
    """Whether there are more than are listed. Reads as much as the list does."""
    return len(_ids(key, MOST + 1)) > MOST


def _ids(key: str, most: int) -> list[str]:
    reader, rest = _of(key)
    return reader.ids(rest, most)


def _of(key: str) -> tuple[Reader, str]:
    name, _, rest = key.partition(":")
    reader = _readers.get(name)
    if reader is None:
        raise InvalidInput("There is no such group of customers.", field="group")
    return reader, rest
