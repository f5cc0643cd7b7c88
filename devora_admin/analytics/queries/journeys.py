"""How far those who signed up in a range came, whether they stayed, and who was lost."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from devora_admin.analytics import periods
from devora_admin.analytics.documents import ACTIVE, COHORTS
from devora_admin.analytics.periods import DAY, Span, monday_of
from devora_admin.analytics.queries.reading import TOO_SLOW, rollups
from devora_admin.analytics.rollups.dimensions import active_key
from devora_admin.analytics.rollups.journeys import STEPS
from devora_admin.core.listing.patience import patience

MOST_COHORTS = 26
_LABELS = {"signup": "Signed up", "project_created": "Made a project",
           "generation_completed": "Generated", "deploy": "Deployed"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    customers: int
    of_all: float | None
    """Share of those who signed up; None where nobody did."""


@dataclass(frozen=True, slots=True)
class Cohort:
    week: date
    """The Monday."""
    customers: int
    kept: list[float | None]
    """Share that was active in each week since, the first being that of the sign-up; None where it
    is to come."""


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    active: int
    kept: int
    """Of these, who were active in the month before as well."""
    lost: int | None
    """Who were active in the month before, and not in this one; None until it is over."""
    came: int

    @property
    def churn(self) -> float | None:
        if self.lost is None:
            return None
        return _share(self.lost, self.kept + self.lost)


def funnel(span: Span) -> list[Step]:
    """Steps taken whenever, by those who signed up within the span. One round trip."""
    sums = dict.fromkeys(STEPS, 0)
    for row in _cohorts("day", span.first, span.last):
        for step in STEPS:
            sums[step] += row.get(step, 0)
    return [
        Step(_LABELS[step], count, _share(count, sums[STEPS[0]])) for step, count in sums.items()
    ]


def retention(span: Span, today: date) -> list[Cohort]:
    """By week of sign-up, the earliest first; of a long span the last weeks. Two round trips."""
    last = monday_of(min(span.last, today))
    first = max(monday_of(span.first), last - timedelta(weeks=MOST_COHORTS - 1))
    sizes: dict[date, int] = {}
    for row in _cohorts("day", first, last + timedelta(days=6)):
        monday = monday_of(_first(row))
        sizes[monday] = sizes.get(monday, 0) + row.get("signup", 0)
    weeks = {_first(row): row for row in _cohorts("week", first, last)}
    found = []
    for at in range((last - first).days // 7 + 1):
        week = first + timedelta(weeks=at)
        if size := sizes.get(week, 0):
            row = weeks.get(week, {})
            past = (monday_of(today) - week).days // 7 + 1
            kept = [_share(row.get(f"w{n}", 0), size) for n in range(min(past, MOST_COHORTS))]
            found.append(Cohort(week, size, kept + [None] * (MOST_COHORTS - len(kept))))
    return found


def months(span: Span, today: date) -> list[Month]:
    """Each month of the span that has begun, its days outside included. Two round trips."""
    first = span.first.replace(day=1)
    past = Span(span.first, min(span.last, today))
    firsts = list(dict.fromkeys(periods.column_of(day, "month") for day in past))
    if not firsts:
        return []
    earlier = (first - DAY).replace(day=1)
    active = _active_by_month(earlier, firsts[-1])
    kept = {_first(row): row.get("kept", 0) for row in _cohorts("month", first, firsts[-1])}
    found = []
    for month in firsts:
        before = active.get((month - DAY).replace(day=1), 0)
        now, stayed = active.get(month, 0), kept.get(month, 0)
        is_over = periods.last_of(month, "month") < today
        lost = before - stayed if is_over else None
        found.append(Month(month, now, stayed, lost, now - stayed))
    return found


def _active_by_month(first: date, last: date) -> dict[date, int]:
    low, high = (active_key("month", "", f"{day:%Y}") for day in (first, last))
    found: dict[date, int] = {}
    with patience(TOO_SLOW):
        for row in rollups(ACTIVE).find({"_id": {"$gte": low, "$lte": high}}):
            for name, numbers in row["cells"].items():
                found[date.fromisoformat(f"{row['_id']['period']}-{name}")] = numbers.get("n", 0)
    return found


def _cohorts(grain: str, first: date, last: date) -> list[dict[str, Any]]:
    low, high = ({"grain": grain, "first": day.isoformat()} for day in (first, last))
    with patience(TOO_SLOW):
        return list(rollups(COHORTS).find({"_id": {"$gte": low, "$lte": high}}))


def _first(row: dict[str, Any]) -> date:
    return date.fromisoformat(row["_id"]["first"])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
