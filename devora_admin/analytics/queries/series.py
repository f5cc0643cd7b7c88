"""A metric over time, from rollups alone: how long it takes does not depend on how many events.

series("tokens", span=Span(first, last), by="model", where={"plan": "pro"}, grain="week")
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from devora_admin.analytics.metrics import Metric, Value
from devora_admin.analytics.periods import Grain
from devora_admin.analytics.periods import Span as Span
from devora_admin.analytics.queries import active, cells
from devora_admin.analytics.queries.asking import Question, asked, is_of_everything
from devora_admin.analytics.queries.cells import Found, Numbers
from devora_admin.analytics.queries.table import Row as Row
from devora_admin.analytics.queries.table import Table as Table
from devora_admin.analytics.rollups import state
from devora_admin.analytics.rollups.sketches import Spectrum, count_of

MOST_ROWS = 20
OTHERS = "Other"
MICRO = 1_000_000
_NOTHING: Mapping[str, str] = MappingProxyType({})
Sums = dict[int, Numbers]
"""By column; "top", and "under" of what is divided."""


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
        return active.windows(question)
    if question.metric.kind == "customers" and is_of_everything(question):
        return active.customers(question)
    return table_of(question, cells.cells(question))


def table_of(question: Question, found: Iterable[Found]) -> Table:
    """found: cells of the question's types alone."""
    if question.metric.kind == "quantile":
        return _percentiles(question, found)
    return _table(question, _summed(question.metric, found))


def _percentiles(question: Question, found: Iterable[Found]) -> Table:
    """One label after the other: a year of hours of one takes as much room as all else."""
    sketches: dict[str, list[tuple[int, bytes]]] = {} if question.by else {"": []}
    for each in found:
        sketches.setdefault(each.label, []).append((each.column, each.sketch))
    counts = {label: count_of(data for _, data in of) for label, of in sketches.items()}
    labels = sorted(sketches, key=lambda label: (-counts[label], label))
    shown, rest = labels[:MOST_ROWS], labels[MOST_ROWS:]
    parts = [(label, sketches[label]) for label in shown]
    if rest:
        parts.append((OTHERS, [each for label in rest for each in sketches[label]]))
    columns, share = question.columns(), question.metric.quantile
    rows = []
    for at, (label, of) in enumerate(parts):
        spectrum = Spectrum(len(columns), of)
        values = tuple(spectrum.quantiles(share))
        whole = spectrum.quantile(share)
        rows.append(Row(label, values, whole, is_others=at >= len(shown)))
    total = rows[0].total if len(rows) == 1 else _together(parts).quantile(share)
    return Table(
        question.metric, question.span, question.grain, columns, tuple(rows), total, len(rest)
    )


def _together(parts: Iterable[tuple[str, list[tuple[int, bytes]]]]) -> Spectrum:
    return Spectrum(1, ((0, sketch) for _, of in parts for _, sketch in of))


def _summed(metric: Metric, found: Iterable[Found]) -> dict[str, Sums]:
    rows: dict[str, Sums] = {}
    for each in found:
        numbers = rows.setdefault(each.label, {}).setdefault(each.column, {})
        _add(numbers, _parts(metric, each))
    return rows


def _parts(metric: Metric, found: Found) -> Numbers:
    numbers = found.numbers
    match metric.kind:
        case "mean":
            return {"top": numbers.get(metric.field, 0), "under": numbers.get("latency_n", 0)}
        case "share":
            count = numbers.get("n", 0)
            return {"top": count if found.event_type in metric.types else 0, "under": count}
        case "customers":
            return {"top": numbers.get("users", 0)}
    return {"top": numbers.get(metric.field, 0)}


def _add(into: Numbers, parts: Numbers) -> None:
    if not into:
        into.update(parts)
        return
    for name, number in parts.items():
        into[name] = into.get(name, 0) + number


def _table(question: Question, rows: dict[str, Sums]) -> Table:
    metric, columns = question.metric, question.columns()
    if not question.by:
        rows = {"": rows.get("", {})}
    weights = {label: _weight(metric, sums) for label, sums in rows.items()}
    labels = sorted(rows, key=lambda label: (-weights[label], label))
    shown, rest = labels[:MOST_ROWS], labels[MOST_ROWS:]
    made = [_row(metric, label, rows[label], len(columns)) for label in shown]
    if rest and metric.kind != "customers":
        others: Sums = {}
        for label in rest:
            for column, numbers in rows[label].items():
                _add(others.setdefault(column, {}), numbers)
        made.append(replace(_row(metric, OTHERS, others, len(columns)), is_others=True))
    total: Value = None  # a customer may be of several labels
    if len(rows) == 1:
        total = made[0].total
    elif metric.kind != "customers":
        total = _value(metric, _whole(rows.values()))
    return Table(metric, question.span, question.grain, columns, tuple(made), total, len(rest))


def _row(metric: Metric, label: str, sums: Sums, columns: int) -> Row:
    values = tuple(_value(metric, sums.get(column, {})) for column in range(columns))
    if metric.kind == "customers":  # the same ones may come on several days
        return Row(label, values, values[0] if columns == 1 else None)
    return Row(label, values, _value(metric, _whole([sums])))


def _whole(rows: Iterable[Sums]) -> Numbers:
    whole: Numbers = {}
    for sums in rows:
        for numbers in sums.values():
            _add(whole, numbers)
    return whole


def _weight(metric: Metric, sums: Sums) -> int:
    whole = _whole([sums])
    return whole.get("under", whole.get("top", 0))


def _value(metric: Metric, numbers: Numbers) -> Value:
    top = numbers.get("top", 0)
    if metric.kind in ("mean", "share"):
        under = numbers.get("under", 0)
        return top / under if under else None
    return top / MICRO if metric.unit == "usd" else top
