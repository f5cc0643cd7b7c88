"""A rule: of which number, over what time, and what is not as it should be."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from devora_admin.analytics.charts import words
from devora_admin.analytics.metrics import METRICS, Metric

Lasting = Literal["hour", "hours", "so_far", "day", "week"]
Condition = Literal["above", "below", "rises", "falls", "differs"]

WINDOWS: dict[Lasting, str] = {
    "hour": "The last full hour",
    "hours": "The last 24 hours",
    "so_far": "The day so far",
    "day": "Each whole day",
    "week": "Each whole week",
}
CONDITIONS: dict[Condition, str] = {
    "above": "Is above",
    "below": "Is below",
    "rises": "Rises above usual by more than",
    "falls": "Falls below usual by more than",
    "differs": "Differs from usual by more than",
}
CHANGES = ("rises", "falls", "differs")
FEWEST_WEEKS, MOST_WEEKS = 4, 8
MOST = 100
"""Rules there may be."""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    name: str
    metric: str
    where: Mapping[str, str]
    lasting: Lasting
    condition: Condition
    number: float
    """A share of 100 where it is a change or the metric a share; dollars, ms or a count else."""
    least: float
    """Nothing is told of less: of the metric itself, or of the events a share or time is of."""
    weeks: int
    """How many before are looked at for what is usual."""
    in_row: int
    """Windows that have to agree until it fires, and until it is over."""
    people: tuple[str, ...]
    is_active: bool
    revision: int

    @property
    def of(self) -> Metric:
        return METRICS[self.metric]

    @property
    def is_change(self) -> bool:
        return self.condition in CHANGES

    @property
    def limit(self) -> float:
        """In the metric's own unit."""
        return self.number / 100 if self.of.unit == "share" else self.number

    @property
    def sentence(self) -> str:
        said = f"{self.of.label}{self.of_what}, {WINDOWS[self.lasting].lower()}: "
        number = f"{self.number:g} %" if self.is_change else words.told(self.limit, self.of.unit)
        return f"{said}{CONDITIONS[self.condition].lower()} {number}"

    @property
    def of_what(self) -> str:
        return f" of {', '.join(self.where.values())}" if self.where else ""

    @property
    def asked(self) -> str:
        """The same as long as the same is asked."""
        values = [
            self.metric, sorted(self.where.items()), self.lasting, self.condition, self.number,
            self.least, self.weeks, self.in_row,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def rule_of(row: Mapping[str, Any]) -> Rule:
    return Rule(
        str(row["_id"]), row["name"], row["metric"], row["where"], row["lasting"],
        row["condition"], row["number"], row["least"], row["weeks"], row["in_row"],
        tuple(row["people"]), row["is_active"], row["revision"],
    )  # fmt: skip
