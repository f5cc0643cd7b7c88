"""The same numbers by person, by tag and by project type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from devora_admin.support.reports.facts import NOWHERE, By, Facts
from devora_admin.support.reports.figures import Figures, figures
from devora_admin.support.reports.gathering import Gathered

MOST_ROWS = 50
NOTHING: Mapping[By, str] = {"who": "Nobody", "tag": "No tag", "type": "No project type"}


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    """An id, a tag or a type; "" for none."""
    label: str
    figures: Figures
    is_others: bool = False
    """All that are not shown one by one, each issue once."""


Value = Callable[[Row], float | str | None]
COLUMNS: Mapping[str, tuple[str, Value]] = {
    "name": ("", lambda row: row.label.casefold()),
    "opened": ("Opened", lambda row: row.figures.opened),
    "resolved": ("Resolved", lambda row: row.figures.resolved),
    "first": (
        "First response, by the clock",
        lambda row: row.figures.first_response_wall.median_s,
    ),
    "resolution": ("Resolution, by the clock", lambda row: row.figures.resolution_wall.median_s),
    "late_first": ("Late responses", lambda row: row.figures.late_first),
    "late_resolution": ("Late resolutions", lambda row: row.figures.late_resolution),
    "reopened": ("Reopened", lambda row: row.figures.reopened.part),
    "satisfied": ("Satisfied", lambda row: row.figures.satisfied.percent),
}
"""What a table can be ordered by: its label and its value."""


@dataclass(frozen=True, slots=True)
class Order:
    column: str = "opened"
    descends: bool = True


def table(
    found: Gathered, by: By, *, order: Order, names: Mapping[str, str], most: int = MOST_ROWS
) -> list[Row]:
    """The first in the order, then the others as one row. names: of people, by id."""
    rows = [
        Row(key, _label(by, key, names), figures(part)) for key, part in found.split(by).items()
    ]
    rows = _ordered(rows, order)
    if len(rows) <= most:
        return rows
    shown, rest = rows[:most], {row.key for row in rows[most:]}
    others = Gathered(*(_of_any(each, by, rest) for each in found.all()))
    label = f"{len(rest):,} others"
    return [*shown, Row("", label, figures(others), is_others=True)]


def _of_any(facts: Facts, by: By, keys: set[str]) -> Facts:
    where = facts.places(by)
    found = [NOWHERE, *(where[key] for key in keys & where.keys())]
    return facts.take(np.unique(np.concatenate(found)))


def _label(by: By, key: str, names: Mapping[str, str]) -> str:
    if not key:
        return NOTHING[by]
    return names.get(key, "Someone who left") if by == "who" else key


def _ordered(rows: list[Row], order: Order) -> list[Row]:
    """What has no value comes last, whichever way; what is equal by name."""
    value = COLUMNS[order.column][1]
    rows = sorted(rows, key=lambda row: (row.label.casefold(), row.key))
    known = [row for row in rows if value(row) is not None]
    unknown = [row for row in rows if value(row) is None]
    return sorted(known, key=value, reverse=order.descends) + unknown  # type: ignore[arg-type]
