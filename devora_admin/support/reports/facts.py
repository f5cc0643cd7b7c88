"""What happened, as columns: one entry for each time that something happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Moments = NDArray[np.int64]
Places = NDArray[np.int64]
NOWHERE: Places = np.empty(0, dtype=np.int64)
By = str
"""who, type or tag."""


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Facts:
    at: Moments
    """Milliseconds since 1970."""
    who: NDArray[np.object_]
    type: NDArray[np.object_]
    tags: NDArray[np.object_]
    """A list of each."""
    values: dict[str, Numbers]
    """By name; -1 where there is none."""

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Any) -> "Facts":
        """which: places, or whether each."""
        return Facts(
            self.at[which],
            self.who[which],
            self.type[which],
            self.tags[which],
            {name: value[which] for name, value in self.values.items()},
        )

    def within(self, start: datetime, end: datetime) -> "Facts":
        first, last = milliseconds(start), milliseconds(end)
        return self.take((self.at >= first) & (self.at < last))

    def count(self, name: str, least: int = 1) -> int:
        return int((self.values[name] >= least).sum())

    def known(self, name: str) -> Numbers:
        found = self.values[name]
        return found[found >= 0]

    def per_day(self, bounds: Iterable[datetime]) -> list[int]:
        edges = np.searchsorted(np.sort(self.at), [milliseconds(each) for each in bounds])
        return [int(count) for count in np.diff(edges)]

    def places(self, by: By) -> dict[str, Places]:
        """Where each person, type or tag has its entries; "" for none. One has several tags."""
        places = np.arange(len(self))
        if by != "tag":
            return _grouped(self.who if by == "who" else self.type, places)
        tags = [found or ("",) for found in self.tags]
        repeated = np.repeat(places, np.fromiter(map(len, tags), np.int64, len(tags)))
        return _grouped(list(chain.from_iterable(tags)), repeated)


def _grouped(keys: Sequence[str] | NDArray[np.object_], places: Places) -> dict[str, Places]:
    """keys: one of each place."""
    numbers: dict[str, int] = {}
    of_each = (numbers.setdefault(key, len(numbers)) for key in keys)
    number = np.fromiter(of_each, np.int64, len(keys))
    ends = np.cumsum(np.bincount(number))
    parts = np.split(places[np.argsort(number, kind="stable")], ends[:-1])
    return dict(zip(numbers, parts, strict=False))  # nothing is one part of nothing


def facts_of(rows: Iterable[dict[str, Any]], names: Iterable[str]) -> Facts:
    """rows: each with lists of one length, by name."""
    rows = list(rows)
    length = sum(len(row["at"]) for row in rows)

    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.fromiter(chain.from_iterable(row[name] for row in rows), kind, length)

    return Facts(
        column("at", np.int64),
        column("who", object),
        column("type", object),
        column("tags", object),
        {name: column(name, np.float64) for name in names},
    )
