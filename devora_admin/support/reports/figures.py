"""The numbers of a report: of all issues, of one person's, or of one tag."""

from dataclasses import dataclass

import numpy as np

from devora_admin.support.reports.facts import Facts, Numbers
from devora_admin.support.reports.gathering import Gathered

BAD, GOOD = 1, 2


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds; None where there is nothing to take them from."""

    median_s: float | None
    p90_s: float | None
    """Nine of ten took no longer. Between two, as far as it lies between them."""


@dataclass(frozen=True, slots=True)
class Share:
    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Figures:
    opened: int
    resolved: int
    first_response: Spread
    """By business hours, of the issues opened in this time; so on."""
    first_response_wall: Spread
    resolution: Spread
    """Of the issues resolved in this time."""
    resolution_wall: Spread
    late_first: int
    """Promises broken in this time, whenever the issue was opened."""
    late_resolution: int
    late_of_opened: Share
    """Of the issues opened in this time, those whose first response was late."""
    late_of_resolved: Share
    reopened: Share
    """Of the issues opened in this time that were ever over, those that were not any more."""
    satisfied: Share
    """Of the customers asked in this time who answered."""
    answered: Share


def figures(found: Gathered) -> Figures:
    opened, resolved, asked = found.opened, found.resolved, found.asked
    late_resolution = found.late.count("is_resolution")
    reopened = opened.count("reopened")
    good, answered = asked.count("rating", GOOD), asked.count("rating", BAD)
    return Figures(
        opened=len(opened),
        resolved=len(resolved),
        first_response=spread(opened.known("business_s")),
        first_response_wall=spread(opened.known("wall_ms") / 1000),
        resolution=spread(resolved.known("business_s")),
        resolution_wall=spread(resolved.known("wall_ms") / 1000),
        late_first=len(found.late) - late_resolution,
        late_resolution=late_resolution,
        late_of_opened=Share(opened.count("late"), len(opened)),
        late_of_resolved=Share(resolved.count("late"), len(resolved)),
        reopened=Share(reopened, _ever_over(opened)),
        satisfied=Share(good, answered),
        answered=Share(answered, len(asked)),
    )


def spread(seconds: Numbers) -> Spread:
    """As numpy.percentile, which takes ten times as long for the few of one row."""
    if not len(seconds):
        return Spread(None, None)
    ordered = np.sort(seconds)
    return Spread(_at(ordered, 0.5), _at(ordered, 0.9))


def _at(ordered: Numbers, part: float) -> float:
    place = (len(ordered) - 1) * part
    low = int(place)
    if low == place:
        return float(ordered[low])
    below, above = float(ordered[low]), float(ordered[low + 1])
    return below + (above - below) * (place - low)


def _ever_over(opened: Facts) -> int:
    return int(((opened.values["over"] > 0) | (opened.values["reopened"] > 0)).sum())
