"""A chart as a page shows it: a table of points, each with its text and the list behind it."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean
from typing import Literal

from devora_admin.analytics.charts import words
from devora_admin.analytics.metrics import Metric, Unit, Value
from devora_admin.analytics.periods import Grain
from devora_admin.analytics.queries.table import Row, Table

Kind = Literal["line", "bar", "stack", "area"]
_MOST_BARS = 60
KINDS: tuple[Kind, ...] = ("line", "bar", "stack", "area")
Links = Callable[[Table, Row], Sequence[str]]
"""The addresses of the lists behind a row's points, by column; "" where there is none."""


@dataclass(frozen=True, slots=True)
class Note:
    """What happened at a time, to be marked in charts."""

    at: datetime
    text: str
    url: str = ""
    kind: str = "notes"
    """One of notes.kinds."""


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    values: Sequence[Value]
    links: Sequence[str]
    total: Value
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    name: str
    """Unique on its page; also of its files."""
    title: str
    kind: Kind
    unit: Unit
    grain: Grain
    columns: Sequence[datetime]
    lines: Sequence[Line]
    notes: Sequence[tuple[int, Note]] = ()
    """With the column each belongs to, by its number."""
    csv_url: str = ""
    explore_url: str = ""
    left_out: int = 0
    has_others: bool = False
    """Whether what is left out is together in a line."""
    of: str = ""
    """What the columns are where they are no times, and `names` what each is called."""
    names: Sequence[str] = ()

    @property
    def column_label(self) -> str:
        return self.of or self.grain.capitalize()

    @property
    def is_empty(self) -> bool:
        return not any(value for line in self.lines for value in line.values)


def chart(
    name: str,
    title: str,
    *tables: Table,
    kind: Kind = "line",
    before: Table | None = None,
    links: Links | None = None,
    notes: Sequence[Note] = (),
    csv_url: str = "",
    explore_url: str = "",
) -> Chart:
    """tables: of one unit and the same columns. One without a breakdown is a line by the metric's
    own name."""
    first = tables[0]
    lines = [
        Line(row.label or table.metric.label, row.values, _links(table, row, links), row.total)
        for table in tables
        for row in table.rows
    ]
    if before is not None:
        values = _fitted(before.values, len(first.columns))
        lines.append(Line("Before", values, [""] * len(values), before.total, is_before=True))
    return Chart(
        name, title, kind, first.metric.unit, first.grain, first.columns, lines,
        notes=placed(notes, first.columns), csv_url=csv_url, explore_url=explore_url,
        left_out=sum(table.left_out for table in tables),
        has_others=any(table.has_others for table in tables),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A column that is no time."""

    name: str
    value: int
    url: str


def counted(
    name: str,
    title: str,
    of: str,
    label: str,
    places: Sequence[Place],
    *,
    csv_url: str = "",
    left_out: int = 0,
) -> Chart:
    """What there is of each kind. of: what the kinds are; label: of what is counted."""
    values, urls = [place.value for place in places], [place.url for place in places]
    line = Line(
        label, values, [url if value else "" for url, value in zip(urls, values, strict=True)], None
    )
    return Chart(
        name, title, "bar", "count", "day", (), [line], csv_url=csv_url, left_out=left_out, of=of,
        names=[place.name for place in places],
    )  # fmt: skip


def _links(table: Table, row: Row, links: Links | None) -> list[str]:
    if links is None:
        return [""] * len(row.values)
    return [url if value else "" for url, value in zip(links(table, row), row.values, strict=True)]


def _fitted(values: Sequence[Value], length: int) -> list[Value]:
    """A range as long as another need not have as many weeks or months."""
    return [*values[:length], *[None] * (length - len(values))]


def placed(notes: Sequence[Note], columns: Sequence[datetime]) -> list[tuple[int, Note]]:
    """Each with the number of the column it belongs to."""
    begins = [column.astimezone(UTC) for column in columns]  # an hour that comes twice is two
    found = [(bisect_right(begins, note.at), note) for note in notes]
    return [(begun - 1, note) for begun, note in found if begun]


@dataclass(frozen=True, slots=True)
class Tile:
    """One number, beside the time before."""

    metric: Metric
    value: Value
    before: Value
    values: Sequence[Value]
    url: str

    @property
    def text(self) -> str:
        return words.told(self.value, self.metric.unit)

    @property
    def before_text(self) -> str:
        return words.told(self.before, self.metric.unit)

    @property
    def change(self) -> str:
        return words.change(self.value, self.before, self.metric.unit)

    @property
    def tone(self) -> str:
        """better, worse or nothing."""
        if self.value is None or self.before is None or self.value == self.before:
            return ""
        if self.metric.unit in ("tokens", "usd"):
            return ""  # neither is good or bad by itself
        return "worse" if (self.value > self.before) == self.metric.is_bad else "better"

    @property
    def shape(self) -> list[float]:
        """For a sparkline: of many values some together, the last ones whole."""
        each = -(-len(self.values) // _MOST_BARS) or 1
        ends = range(len(self.values), 0, -each)
        return [
            fmean(value or 0 for value in self.values[max(0, end - each) : end])
            for end in reversed(ends)
        ]
