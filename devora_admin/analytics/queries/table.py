"""An answer: a row of values for each label, with a column for each hour, day, week or month."""

from dataclasses import dataclass
from datetime import datetime

from devora_admin.analytics.metrics import Metric, Value
from devora_admin.analytics.periods import Grain, Span

MOST_ROWS = 20
OTHERS = "Other"


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    """A value of the breakdown; "" without one."""
    values: tuple[Value, ...]
    """One for each column; None where there is nothing to tell, as the share of nothing."""
    total: Value
    """Of the whole range, which is not the sum where values are no counts; None where nobody
    knows it, as of customers of several days."""
    is_others: bool = False
    """Whether it is the sum of labels that have no row of their own."""


@dataclass(frozen=True, slots=True)
class Table:
    metric: Metric
    span: Span
    grain: Grain
    columns: tuple[datetime, ...]
    """When each begins, in the time zone of the days. The first may have begun before the span.
    It and the last hold the span's days alone, unless they are of active customers by week or
    month: these are counted of the whole one."""
    rows: tuple[Row, ...]
    """The largest first. Without a breakdown exactly one."""
    total: Value
    """Of all rows."""
    left_out: int = 0
    """How many labels have no row of their own."""

    @property
    def has_others(self) -> bool:
        """Whether these are together in a row."""
        return any(row.is_others for row in self.rows)

    @property
    def values(self) -> tuple[Value, ...]:
        """Of the first row, which without a breakdown is the only one."""
        return self.rows[0].values if self.rows else (None,) * len(self.columns)
