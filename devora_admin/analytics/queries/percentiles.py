"""Percentiles, of whatever shares are asked for at once: each sketch is taken apart only once."""

from collections.abc import Iterable, Sequence

from devora_admin.analytics.queries.asking import Question
from devora_admin.analytics.queries.cells import Found
from devora_admin.analytics.queries.table import MOST_ROWS, OTHERS, Row, Table
from devora_admin.analytics.rollups.sketches import Bins, Sketch, Spectrum


def percentiles(questions: Sequence[Question], found: Iterable[Found]) -> list[Table]:
    """questions: of the same cells, which are found."""
    first = questions[0]
    sketches: dict[str, list[tuple[int, Sketch]]] = {} if first.by else {"": []}
    for each in found:
        sketches.setdefault(each.label, []).extend(each.cells)
    bins = {label: Bins.of(of) for label, of in sketches.items()}
    labels = sorted(bins, key=lambda label: (-bins[label].total, label))
    shown, rest = labels[:MOST_ROWS], labels[MOST_ROWS:]
    parts = [(label, bins[label]) for label in shown]
    if rest:
        parts.append((OTHERS, Bins.together([bins[label] for label in rest])))
    columns = first.columns()
    shares = [question.metric.quantile for question in questions]
    rows: list[list[Row]] = [[] for _ in questions]
    for at, (label, of) in enumerate(parts):
        # One label after the other: a year of hours of one takes as much room as all else.
        spectrum = Spectrum(len(columns), of)
        for share, into in zip(shares, rows, strict=True):
            values = tuple(spectrum.quantiles(share))
            into.append(Row(label, values, spectrum.quantile(share), is_others=at >= len(shown)))
    whole = Spectrum(1, Bins.together([Bins.of([]), *(of.of_all_columns() for _, of in parts)]))
    return [
        Table(
            question.metric, question.span, question.grain, columns, tuple(made),
            whole.quantile(question.metric.quantile), len(rest),
        )
        for question, made in zip(questions, rows, strict=True)
    ]  # fmt: skip
