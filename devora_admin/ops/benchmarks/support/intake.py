"""Issues that the platform opens through the API: how many a second are kept durably."""

import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pymongo
from django.conf import settings
from django.urls import reverse

from devora_admin.api import clients, rates
from devora_admin.core import mongo
from devora_admin.core.ids import new_id
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.report import Amount, Figure, Report, Section
from devora_admin.ops.benchmarks.server import serving
from devora_admin.support.documents import issues, messages

_LEAST_A_SECOND = 200
_AT_ONCE = 8
"""Connections, as of a platform with some servers."""
_PATIENCE_S = 60.0
_WARM_UP = 4
"""Issues of each."""


def intake(bench: Bench, *, calls: int, report: Report) -> Section:
    """calls: how many issues are opened, and removed again: the next run finds what this did."""
    report(f"opening {calls:,} issues through the API")
    client, token = clients.create_client(
        "Benchmark",
        scopes=["issues.write"],
        actor=bench.actor,
        per_minute=rates.MOST_PER_MINUTE,
    )
    customers = _customers()
    before = issues().count_documents({"source.kind": "api"})
    with serving(settings.MONGO_DB_NAME, workers=2) as port:
        callers = [Caller(port, token, customers) for _ in range(_AT_ONCE)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda caller: caller.open_some(_WARM_UP), callers))
            started = time.perf_counter()
            times = list(pool.map(lambda caller: caller.open_some(calls // _AT_ONCE), callers))
            took_s = time.perf_counter() - started
        for caller in callers:
            caller.close()
    sample = Sample.of([each for some in times for each in some])
    kept = issues().count_documents({"source.kind": "api"}) - before
    _remove(client.id)
    assert kept == len(sample.times_ms) + _AT_ONCE * _WARM_UP, (kept, len(sample.times_ms))
    return Section(
        f"Issues through POST /api/issues/, {_AT_ONCE} connections to 2 processes (ms each)",
        [Figure("one issue, as the platform waits for it", sample)],
        amounts=[
            Amount("kept, w majority and journalled", len(sample.times_ms) / took_s,
                   "a second", least=_LEAST_A_SECOND, form=",.0f"),
        ],
        notes=["The callers take their share of the same cores."],
    )  # fmt: skip


def _remove(client_id: str) -> None:
    theirs = {"source.kind": "api", "source.client_id": client_id}
    with pymongo.timeout(_PATIENCE_S):
        found = [row["_id"] for row in issues().find(theirs, {"_id": 1})]
        messages().delete_many({"issue_id": {"$in": found}})
        issues().delete_many(theirs)


def _customers() -> list[str]:
    found = mongo.database().users.find({"id": {"$type": "string"}}, {"id": 1}).limit(500)
    return [row["id"] for row in found]


class Caller:
    """One connection that stays open."""

    def __init__(self, port: int, token: str, customers: Sequence[str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._token, self._customers = token, cycle(customers)
        self._path = reverse("api:issues")

    def open_some(self, count: int) -> list[float]:
        return [self._open(number) for number in range(count)]

    def _open(self, number: int) -> float:
        """How long it took, in ms."""
        body = {
            "customer_id": next(self._customers),
            "subject": f"The page stays white after step {number}",
            "text": "Since this morning the preview shows nothing. The console says E_QUOTA.",
            "tags": ["preview"],
        }
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": new_id(),
            "Content-Type": "application/json",
        }
        started = time.perf_counter()
        self._connection.request("POST", self._path, json.dumps(body), headers)
        response = self._connection.getresponse()
        answer = response.read()
        took_ms = (time.perf_counter() - started) * 1000
        if response.status != 201:
            raise RuntimeError(f"an issue was answered with {response.status}: {answer[:200]!r}")
        return took_ms

    def close(self) -> None:
        self._connection.close()
