"""Whether a value is as it should be, by a rule and what is usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Literal

from devora_admin.analytics.alerts.reading import Reading
from devora_admin.analytics.alerts.rule import Rule
from devora_admin.analytics.metrics import Value

Outcome = Literal["bad", "good", "none"]
FEWEST = 3
"""Weeks before that have to be known: of two, nobody can tell which was usual."""
SPREADS = 3.0
_SCALE = 1.4826
"""Of a median deviation, to be a standard deviation where values are spread normally."""


@dataclass(frozen=True, slots=True)
class Judged:
    outcome: Outcome
    usual: float | None = None
    low: float | None = None
    high: float | None = None
    """Within these it is usual."""
    why: str = ""
    """Of `none`."""


def judge(rule: Rule, now: Reading, before: Sequence[Value]) -> Judged:
    """before: the same time of the weeks before, as far as there was anything to count then."""
    if now.value is None:
        return Judged("none", why="There is nothing to tell of this time.")
    if not rule.is_change:
        over = now.value > rule.limit if rule.condition == "above" else now.value < rule.limit
        return Judged("bad" if over and _is_enough(rule, now, None) else "good")
    known = [each for each in before if each is not None]
    if len(known) < FEWEST:
        return Judged("none", why=f"Fewer than {FEWEST} of the weeks before are known.")
    usual = float(median(known))
    spread = _SCALE * median(abs(each - usual) for each in known)
    if rule.of.unit == "count":  # what comes by chance differs that much by itself
        spread = max(spread, sqrt(usual))
    margin = max(usual * rule.number / 100, SPREADS * spread)
    low, high = max(0.0, usual - margin), usual + margin
    is_bad = (rule.condition != "falls" and now.value > high) or (
        rule.condition != "rises" and now.value < low
    )
    return Judged("bad" if is_bad and _is_enough(rule, now, usual) else "good", usual, low, high)


def _is_enough(rule: Rule, now: Reading, usual: float | None) -> bool:
    if rule.of.kind in ("share", "mean", "quantile"):
        return now.volume >= rule.least
    if usual is None:  # a number below a limit is little by itself
        return rule.condition == "below" or (now.value or 0) >= rule.least
    return max(now.value or 0, usual) >= rule.least
