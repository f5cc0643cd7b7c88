"""Several metrics at once, read together where they lie together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from zoneinfo import ZoneInfo

from devora_admin.analytics import metrics
from devora_admin.analytics.periods import Grain, Span
from devora_admin.analytics.queries import active, cells
from devora_admin.analytics.queries.asking import Question, asked, is_of_everything
from devora_admin.analytics.queries.cells import Found
from devora_admin.analytics.queries.percentiles import percentiles
from devora_admin.analytics.queries.series import table_of
from devora_admin.analytics.queries.table import Table

_NOTHING: Mapping[str, str] = MappingProxyType({})
Tables = dict[str, Table]
"""By the name of the metric."""
_CUSTOMERS = ("active", "customers")


def several(
    names: Sequence[str],
    *,
    span: Span,
    grain: Grain,
    zone: ZoneInfo,
    by: str = "",
    where: Mapping[str, str] = _NOTHING,
) -> Tables:
    """By the name of the metric. One round trip for those that are counted or summed, one or two
    for quantiles, one for the windows of active customers, and one for distinct customers. What
    is known of days alone has days for hours. Raises InvalidInput."""
    found: Tables = {}
    together: dict[str, list[Question]] = {}
    for name in names:
        metric = metrics.metric(name)
        is_daily = metric.kind in _CUSTOMERS and grain == "hour"
        question = asked(
            name, span=span, by=by, where=where, grain="day" if is_daily else grain, zone=zone
        )
        if metric.kind == "customers" and is_of_everything(question):
            found[name] = active.customers(question)
        else:
            kind: str = metric.kind if metric.kind in _READS else "sum"
            together.setdefault(kind, []).append(question)
    for kind, questions in together.items():
        found |= {each.metric.name: each for each in _READS.get(kind, _sums)(questions)}
    return found


def _sums(questions: Sequence[Question]) -> list[Table]:
    types = tuple(dict.fromkeys(each for question in questions for each in question.types))
    by_type: dict[str, list[Found]] = {}
    for each in cells.cells(replace(questions[0], types=types)):
        by_type.setdefault(each.event_type, []).append(each)
    return [
        table_of(
            question,
            chain.from_iterable(by_type.get(name, ()) for name in question.types or by_type),
        )
        for question in questions
    ]


def _percentiles(questions: Sequence[Question]) -> list[Table]:
    """All are of the same events."""
    return percentiles(questions, cells.cells(questions[0]))


_READS: Mapping[str, Callable[[Sequence[Question]], list[Table]]] = MappingProxyType(
    {"quantile": _percentiles, "active": active.windows}
)
"""By the kind of metric; the others are counted or summed."""
