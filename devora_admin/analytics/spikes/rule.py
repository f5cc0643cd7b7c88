"""Whether there are clearly more of a fault than usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import median

from devora_admin.support.suggestions.scanning.finding import Certainty

FEWEST, FEWEST_CUSTOMERS = 10, 3
"""In an hour: less is nobody's rise, however rare it was before."""
_TIMES = 3.0
_SURE_TIMES, _SURE_CUSTOMERS = 8.0, 10
_WEEK_BEFORE = 1.5
_SPREADS = 4.0
_SCALE = 1.4826
"""Of a median deviation, to be a standard deviation where values are spread normally."""


@dataclass(frozen=True, slots=True)
class Judged:
    is_rising: bool
    certainty: Certainty
    usual: int
    """An hour, about."""


def judge(
    now: float, customers: int, days: Sequence[float], *, hours: Sequence[float] = ()
) -> Judged:
    """now: how many within the last hour. customers: of whom.

    days: how many there were at the same time of each day before, the latest first: what comes
    every day is usual, and the median forgets a spike of one of them. hours: of the last hours, the
    latest first and without this one: what grew little by little is usual by now.
    """
    by_day = median(days) if days else 0.0
    lately = median(hours[:6]) if hours else 0.0
    usual = max(by_day, lately)
    spread = _SCALE * median(abs(each - by_day) for each in days) if days else 0.0
    limit = max(FEWEST, _TIMES * usual, usual + _SPREADS * max(spread, sqrt(usual)))
    if len(days) >= 7:
        limit = max(limit, _WEEK_BEFORE * days[6])
    is_sure = now >= _SURE_TIMES * max(1.0, usual) and customers >= _SURE_CUSTOMERS
    is_rising = now >= limit and customers >= FEWEST_CUSTOMERS
    return Judged(is_rising, "sure" if is_sure else "likely", ceil(usual))
