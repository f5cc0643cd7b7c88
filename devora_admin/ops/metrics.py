"""How the worker and memory keep up, in the text format of Prometheus.

Everything is read from the store when it is asked for: the web server is several processes, and
what one of them counted would be a different answer each time.
"""

import hmac
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from devora_admin.memory import gate
from devora_admin.memory.queries import waiting as queue_standing
from devora_admin.staff.permissions import background, opens_to, staff_can
from devora_admin.support.queries import outbox
from devora_admin.worker.queries import following, jobs
from devora_admin.worker.queries.following import Standing

_OF_ONE = ("consumer",)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN.encode()
    shown = token.strip().encode("utf-8", "surrogateescape")
    return bool(wanted) and scheme.lower() == "bearer" and hmac.compare_digest(shown, wanted)


@require_safe
@background
@opens_to(_has_token)
@staff_can("worker.view")
def metrics(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    registry.register(_Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Collector:
    def describe(self) -> list[Metric]:
        """Nothing beforehand: that would be a read for its own sake."""
        return []

    def collect(self) -> Iterator[Metric]:
        standings = following.standings()
        yield from _following(standings)
        waiting = GaugeMetricFamily("devora_jobs", "Background jobs", labels=("state",))
        for state, count in jobs.unfinished().items():
            waiting.add_metric([state], count)
        yield waiting
        yield from _mail()
        if gate.is_on():
            yield from _memory()


def _mail() -> Iterator[Metric]:
    found = outbox.standing()
    mails = GaugeMetricFamily("devora_mails", "E-mails to customers", labels=("state",))
    mails.add_metric(["waiting"], found.waiting)
    mails.add_metric(["failed"], found.failed)
    yield mails
    age = "How long the oldest e-mail has been waiting"
    yield GaugeMetricFamily("devora_mail_oldest_seconds", age, value=found.oldest_s)


def _memory() -> Iterator[Metric]:
    """Of its queue, which is known also while PostgreSQL is away."""
    found = queue_standing.waiting()
    documents = GaugeMetricFamily(
        "devora_memory_documents", "Documents that wait to be indexed", labels=("state",)
    )
    documents.add_metric(["waiting"], found.count)
    documents.add_metric(["failing"], found.failing)
    documents.add_metric(["set_aside"], found.dead)
    yield documents
    lag = "Age of the oldest change that memory does not know of"
    yield GaugeMetricFamily("devora_memory_lag_seconds", lag, value=found.lag_s)


def _following(standings: list[Standing]) -> Iterator[Metric]:
    yield _each("worker_up", "Whether a worker follows", standings, lambda one: one.is_running)
    yield _each(
        "worker_lag_seconds",
        "Age of the oldest change that is not handled; none when unknown",
        standings,
        lambda one: one.lag_s,
    )
    yield _each(
        "worker_changes_per_second",
        "Changes handled, over the last minute",
        standings,
        lambda one: one.rate if one.is_running else None,
    )
    counted = CounterMetricFamily(
        "devora_worker_changes", "Changes handled since the beginning", labels=_OF_ONE
    )
    for one in standings:
        counted.add_metric([one.name], one.handled)
    yield counted
    yield _each(
        "worker_last_error_timestamp_seconds",
        "When something last went wrong",
        standings,
        lambda one: one.last_error_at.timestamp() if one.last_error_at else None,
    )
    yield _each(
        "worker_reconcile_handled",
        "Documents gone through while all are; none when it follows",
        standings,
        lambda one: one.reconciling.handled if one.reconciling else None,
    )
    yield _each(
        "worker_reconcile_total",
        "How many documents there are to go through, about",
        standings,
        lambda one: one.reconciling.total if one.reconciling else None,
    )
    letters = GaugeMetricFamily(
        "devora_worker_dead_letters",
        "Documents with changes that could not be handled",
        labels=(*_OF_ONE, "state"),
    )
    for one in standings:
        letters.add_metric([one.name, "set_aside"], one.set_aside)
        letters.add_metric([one.name, "retried"], one.retried)
    yield letters


def _each(
    name: str, words: str, standings: list[Standing], value: Callable[[Standing], float | None]
) -> Metric:
    family = GaugeMetricFamily(f"devora_{name}", words, labels=_OF_ONE)
    for one in standings:
        if (found := value(one)) is not None:
            family.add_metric([one.name], float(found))
    return family
