"""How many customers were active, each counted once: by day, week and month, and over the last 7
and 30 days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from bson import MaxKey, MinKey

from devora_admin.analytics import periods
from devora_admin.analytics.documents import ACTIVE
from devora_admin.analytics.metrics import Value
from devora_admin.analytics.periods import Grain
from devora_admin.analytics.queries.asking import Question
from devora_admin.analytics.queries.reading import TOO_SLOW, rollups
from devora_admin.analytics.queries.table import MOST_ROWS, Row, Table
from devora_admin.analytics.rollups.dimensions import PLAN, active_key
from devora_admin.core import clock
from devora_admin.core.listing.patience import patience


class Cell(NamedTuple):
    plan: str
    first: date
    """The day, or the first day of the week or month."""
    numbers: dict[str, int]


class Days(NamedTuple):
    """Of a column."""

    past: Sequence[date]
    """Today among them."""
    length: int
    """With those to come."""


def windows(questions: Sequence[Question]) -> list[Table]:
    """dau, wau and mau, of the same days: of each column its last day, of which there is one by
    now; dau its mean."""
    found, columns = list(_cells(questions[0], "day")), _columns(questions[0])
    return [_window(question, found, columns) for question in questions]


def _columns(question: Question) -> list[Days]:
    today = clock.now().astimezone(question.zone).date()
    days: dict[date, list[date]] = {}
    for day in question.span:
        days.setdefault(periods.column_of(day, question.grain), []).append(day)
    return [Days([day for day in some if day <= today], len(some)) for some in days.values()]


def _window(question: Question, cells: Sequence[Cell], columns: Sequence[Days]) -> Table:
    field = question.metric.field
    known: dict[str, dict[date, int]] = {}
    for cell in cells:
        known.setdefault(cell.plan, {})[cell.first] = cell.numbers.get(field, 0)
    every = Days([day for some in columns for day in some.past], question.span.days)

    def value(numbers: Mapping[date, int], days: Days) -> Value:
        if not days.past:
            return None
        if field == "dau" and days.length > 1:
            return round(sum(numbers.get(day, 0) for day in days.past) / len(days.past), 1)
        return numbers.get(days.past[-1], 0)

    def row(plan: str) -> Row:
        numbers = known.get(plan, {})
        values = tuple(value(numbers, days) for days in columns)
        return Row(plan, values, value(numbers, every))

    return _table(question, set(known), row)


def customers(question: Question) -> Table:
    """Distinct ones of each day, whole week or whole month; the total is of the last 30 days' at
    most: of a longer range nobody keeps who is in it."""
    grain: Grain = question.grain
    field = "dau" if grain == "day" else "n"
    known = {
        (cell.plan, cell.first): cell.numbers.get(field, 0) for cell in _cells(question, grain)
    }
    firsts = list(dict.fromkeys(periods.column_of(day, grain) for day in question.span))

    def row(plan: str) -> Row:
        values = tuple(known.get((plan, first), 0) for first in firsts)
        return Row(plan, values, values[0] if len(values) == 1 else None)

    return _table(question, {plan for plan, _ in known}, row)


def _table(question: Question, plans: set[str], row: Any) -> Table:
    held = question.values.get(PLAN)
    labels = sorted(plans - {""}) if question.by == PLAN else [held or ""]
    made = [row(label) for label in labels if held in (None, label)]
    made.sort(key=lambda each: -sum(value or 0 for value in each.values))
    if question.by != PLAN:
        made = [Row("", each.values, each.total) for each in made]
    whole = row(held or "").total
    left_out = max(0, len(made) - MOST_ROWS)  # and in no sum: a customer may have had two plans
    return Table(
        question.metric, question.span, question.grain, question.columns(),
        tuple(made[:MOST_ROWS]), whole, left_out,
    )  # fmt: skip


def _cells(question: Question, grain: Grain) -> Iterator[Cell]:
    """Of the plan that is asked for, or of all of them and each."""
    span, held = question.span, question.values.get(PLAN)
    firsts = [periods.column_of(day, grain) for day in span]
    names = [periods.active_cell(first, grain)[0] for first in (firsts[0], firsts[-1])]
    plans: list[Any] = [""] if held is None else [held]
    if question.by == PLAN and held is None:
        condition = {
            "_id": {
                "$gte": active_key(grain, "", names[0]),
                "$lt": {"grain": grain, "plan": MaxKey(), "period": MinKey()},
            }
        }
    else:
        ranges = [
            {"_id": {"$gte": active_key(grain, plan, names[0]),
                     "$lte": active_key(grain, plan, names[1])}}
            for plan in plans
        ]  # fmt: skip
        condition = {"$or": ranges}  # type: ignore[dict-item]
    with patience(TOO_SLOW):
        for row in rollups(ACTIVE).find(condition):
            key = row["_id"]
            if names[0] <= key["period"] <= names[1]:
                for name, numbers in row["cells"].items():
                    yield Cell(key["plan"], _first(key["period"], name), numbers)


def _first(period: str, name: str) -> date:
    return date.fromisoformat(f"{period}-{name}")
