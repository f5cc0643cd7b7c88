"""A metric over time, from rollups alone: how long it takes does not depend on how many events.

series("tokens", span=Span(first, last), by="model", where={"plan": "pro"}, grain="week")
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from devora_admin.analytics.metrics import Metric, Value
from devora_admin.analytics.periods import Grain
from devora_admin.analytics.periods import Span as Span
from devora_admin.analytics.queries import active, cells
from devora_admin.analytics.queries.asking import Question, asked, is_of_everything
from devora_admin.analytics.queries.cells import Found, Numbers
from devora_admin.analytics.queries.percentiles import percentiles
from devora_admin.analytics.queries.table import MOST_ROWS, OTHERS
from devora_admin.analytics.queries.table import Row as Row
from devora_admin.analytics.queries.table import Table as Table
from devora_admin.analytics.rollups import state

MICRO = 1_000_000
_NOTHING: Mapping[str, str] = MappingProxyType({})
Pair = tuple[int, int]
"""What is told, and by what it is divided where it is a share or a mean."""
Sums = dict[int, Pair]
"""By column."""
_NONE: Pair = (0, 0)


def series(
    metric: str,
    *,
    span: Span,
    by: str = "",
    where: Mapping[str, str] = _NOTHING,
    grain: Grain = "day",
) -> Table:
    """by: "", event_type, plan, project_type or model. where: values of these.

    Raises InvalidInput for what cannot be answered, and where it takes too long.
    """
    zone = state.state().zone
    question = asked(metric, span=span, by=by, where=where, grain=grain, zone=zone)
    if question.metric.kind == "active":
        return active.windows([question])[0]
    if question.metric.kind == "customers" and is_of_everything(question):
        return active.customers(question)
    return table_of(question, cells.cells(question))


def table_of(question: Question, found: Iterable[Found]) -> Table:
    """found: cells of the question's types alone."""
    if question.metric.kind == "quantile":
        return percentiles([question], found)[0]
    return _table(question, _summed(question.metric, found))


def _summed(metric: Metric, found: Iterable[Found]) -> dict[str, Sums]:
    rows: dict[str, Sums] = {}
    pair = _pair_of(metric)
    for each in found:
        sums, event_type = rows.setdefault(each.label, {}), each.event_type
        for column, numbers in each.cells:
            top, under = sums.get(column, _NONE)
            more, more_under = pair(event_type, numbers)
            sums[column] = top + more, under + more_under
    return rows


def _pair_of(metric: Metric) -> Callable[[str, Numbers], Pair]:
    """Made once: a year by model has thousands of cells."""
    field, types = metric.field, metric.types
    match metric.kind:
        case "mean":
            return lambda _, numbers: (numbers.get(field, 0), numbers.get("latency_n", 0))
        case "share":
            return lambda event_type, numbers: (
                (numbers.get("n", 0), numbers.get("n", 0))
                if event_type in types
                else (0, numbers.get("n", 0))
            )
        case "customers":
            return lambda _, numbers: (numbers.get("users", 0), 0)
    return lambda _, numbers: (numbers.get(field, 0), 0)


def _table(question: Question, rows: dict[str, Sums]) -> Table:
    metric, columns = question.metric, question.columns()
    if not question.by:
        rows = {"": rows.get("", {})}
    wholes = {label: _whole(sums.values()) for label, sums in rows.items()}
    labels = sorted(rows, key=lambda label: (-_weight(metric, wholes[label]), label))
    shown, rest = labels[:MOST_ROWS], labels[MOST_ROWS:]
    made = [_row(metric, label, rows[label], len(columns)) for label in shown]
    if rest and metric.kind != "customers":
        others = {
            column: _whole(rows[label].get(column, _NONE) for label in rest)
            for column in {column for label in rest for column in rows[label]}
        }
        made.append(replace(_row(metric, OTHERS, others, len(columns)), is_others=True))
    total: Value = None  # a customer may be of several labels
    if len(rows) == 1:
        total = made[0].total
    elif metric.kind != "customers":
        total = _value_of(metric)(_whole(wholes.values()))
    return Table(metric, question.span, question.grain, columns, tuple(made), total, len(rest))


def _row(metric: Metric, label: str, sums: Sums, columns: int) -> Row:
    value = _value_of(metric)
    values = tuple([value(sums.get(column, _NONE)) for column in range(columns)])
    if metric.kind == "customers":  # the same ones may come on several days
        return Row(label, values, values[0] if columns == 1 else None)
    return Row(label, values, value(_whole(sums.values())))


def _whole(pairs: Iterable[Pair]) -> Pair:
    top = under = 0
    for more, more_under in pairs:
        top, under = top + more, under + more_under
    return top, under


def _weight(metric: Metric, whole: Pair) -> int:
    return whole[1] if metric.kind in ("mean", "share") else whole[0]


def _value_of(metric: Metric) -> Callable[[Pair], Value]:
    if metric.kind in ("mean", "share"):
        return lambda pair: pair[0] / pair[1] if pair[1] else None
    if metric.unit == "usd":
        return lambda pair: pair[0] / MICRO
    return lambda pair: pair[0]
