"""An answer: a row of values for each label, with a column for each hour, day, week or month."""

from dataclasses import dataclass
from datetime import datetime

from devora_admin.analytics.metrics import Metric, Value
from devora_admin.analytics.periods import Grain, Span


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    """A value of the breakdown; "" without one."""
    values: tuple[Value, ...]
    """One for each column; None where there is nothing to tell, as the share of nothing."""
    total: Value
    """Of the whole range, which is not the sum where values are no counts."""


@dataclass(frozen=True, slots=True)
class Table:
    metric: Metric
    span: Span
    grain: Grain
    columns: tuple[datetime, ...]
    """When each begins, in the time zone of the days. The first may have begun before the span,
    and holds the span's days alone."""
    rows: tuple[Row, ...]
    """The largest first. Without a breakdown exactly one."""
    total: Value
    """Of all rows."""
    left_out: int = 0
    """How many labels are not among the rows; where they can be added they are in "Other"."""

    @property
    def values(self) -> tuple[Value, ...]:
        """Of the first row, which without a breakdown is the only one."""
        return self.rows[0].values if self.rows else (None,) * len(self.columns)
