"""What can be asked of the rollups: each metric's name, label and unit, and how it is read."""

from dataclasses import dataclass
from typing import Literal

from devora_admin.core.errors import InvalidInput

Unit = Literal["count", "tokens", "usd", "ms", "share"]
Kind = Literal["count", "sum", "mean", "share", "quantile", "customers", "active"]
Value = int | float | None
GENERATIONS = ("generation_completed", "generation_failed")


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    label: str
    unit: Unit
    kind: Kind
    types: tuple[str, ...] = ()
    """Of which types of events; () is of all, or of the one that is asked for."""
    field: str = "n"
    """Of cells, where it is a sum or a mean; of active customers which."""
    quantile: float = 0.0
    of: tuple[str, ...] = ()
    """Of a share: among which types."""
    is_bad: bool = False
    """Whether more of it is worse."""

    @property
    def is_additive(self) -> bool:
        return self.kind in ("count", "sum")


_ALL = (
    Metric("events", "Events", "count", "count"),
    Metric("customers", "Active customers", "count", "customers"),
    Metric("dau", "Active in a day", "count", "active", field="dau"),
    Metric("wau", "Active in 7 days", "count", "active", field="wau"),
    Metric("mau", "Active in 30 days", "count", "active", field="mau"),
    Metric("signups", "Sign-ups", "count", "count", ("signup",)),
    Metric("logins", "Sign-ins", "count", "count", ("login",)),
    Metric("projects", "Projects created", "count", "count", ("project_created",)),
    Metric("saves", "Saves", "count", "count", ("project_saved",)),
    Metric("messages", "Messages", "count", "count", ("message_sent",)),
    Metric("deploys", "Deploys", "count", "count", ("deploy",)),
    Metric("errors", "Errors", "count", "count", ("error",), is_bad=True),
    Metric("generations", "Generations", "count", "count", GENERATIONS),
    Metric("completed", "Completed generations", "count", "count", GENERATIONS[:1]),
    Metric("failures", "Failed generations", "count", "count", GENERATIONS[1:], is_bad=True),
    Metric(
        "success_rate", "Generations that succeed", "share", "share", GENERATIONS[:1],
        of=GENERATIONS,
    ),
    Metric("tokens", "Tokens", "tokens", "sum", field="tokens"),
    Metric("cost", "Cost", "usd", "sum", field="cost", is_bad=True),
    Metric("gen_tokens", "Tokens of generations", "tokens", "sum", GENERATIONS, "tokens"),
    Metric("gen_cost", "Cost of generations", "usd", "sum", GENERATIONS, "cost", is_bad=True),
    Metric("latency_mean", "Latency, mean", "ms", "mean", GENERATIONS, "latency", is_bad=True),
    Metric(
        "latency_p50", "Latency, median", "ms", "quantile", GENERATIONS, quantile=0.5, is_bad=True
    ),
    Metric(
        "latency_p95", "Latency, 95 of 100", "ms", "quantile", GENERATIONS, quantile=0.95,
        is_bad=True,
    ),
)  # fmt: skip
METRICS = {metric.name: metric for metric in _ALL}


def metric(name: str) -> Metric:
    """Raises InvalidInput."""
    found = METRICS.get(name)
    if found is None:
        raise InvalidInput("There is no such metric.", field="metric")
    return found
