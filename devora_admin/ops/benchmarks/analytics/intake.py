"""Events that the platform hands in through the API: how many a second are kept durably."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from django.conf import settings
from django.urls import reverse

from devora_admin.analytics.documents import events
from devora_admin.api import clients, rates
from devora_admin.core import clock, mongo
from devora_admin.core.ids import new_id
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.report import Amount, Figure, Report, Section
from devora_admin.ops.benchmarks.server import serving

LEAST_A_SECOND = 10_000
BATCH = 1000
_AT_ONCE = 4
"""Connections, as of a platform with some servers."""
_TYPES = ("message_sent", "file_saved", "generation_completed", "login", "deploy", "error")
_MODELS = ("sonnet", "opus", "haiku")


def intake(bench: Bench, *, batches: int, report: Report) -> Section:
    report(f"handing in {batches * BATCH:,} events through the API")
    _, token = clients.create_client(
        "Benchmark", scopes=["events.write"], actor=bench.actor, per_minute=rates.MOST_PER_MINUTE
    )
    customers = [row["id"] for row in mongo.database().users.find({}, {"id": 1}).limit(5000)]
    bodies = [_body(customers, Random(n)) for n in range(batches + _AT_ONCE)]
    before = events().count_documents({"event_id": {"$type": "string"}})
    with serving(settings.MONGO_DB_NAME, workers=2) as port:
        callers = [Caller(port, token) for _ in range(_AT_ONCE)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda caller: caller.send([bodies.pop()]), callers))
            started = time.perf_counter()
            shares = [bodies[n::_AT_ONCE] for n in range(_AT_ONCE)]
            times = list(pool.map(lambda caller, share: caller.send(share), callers, shares))
            took_s = time.perf_counter() - started
        for caller in callers:
            caller.close()
    sample = Sample.of([each for some in times for each in some])
    kept = events().count_documents({"event_id": {"$type": "string"}}) - before
    assert kept == (batches + _AT_ONCE) * BATCH, (kept, batches)
    return Section(
        f"Events through POST /api/events/, {BATCH:,} in a batch, {_AT_ONCE} connections to 2 "
        "processes (ms each)",
        [Figure("one batch, as the platform waits for it", sample)],
        amounts=[
            Amount("events kept, w majority and journalled", batches * BATCH / took_s,
                   "a second", least=LEAST_A_SECOND, form=",.0f"),
        ],
        notes=["The callers take their share of the same cores."],
    )  # fmt: skip


def _body(customers: list[str], random: Random) -> bytes:
    return json.dumps({"events": [_event(customers, random) for _ in range(BATCH)]}).encode()


def _event(customers: list[str], random: Random) -> dict[str, Any]:
    kind = random.choice(_TYPES)
    properties: dict[str, Any] = {"file": f"src/page_{random.randrange(100)}.tsx"}
    if kind == "generation_completed":
        properties = {
            "model": random.choice(_MODELS),
            "tokens": random.randrange(8000),
            "latency_ms": random.randrange(20_000),
            "cost_usd": round(random.random() / 10, 6),
        }
    return {
        "event_id": new_id(),
        "event_type": kind,
        "user_id": random.choice(customers),
        "project_id": f"p{random.randrange(20_000)}",
        "timestamp": clock.now().isoformat(),
        "properties": properties,
    }


class Caller:
    """One connection that stays open."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._path = reverse("api:events")

    def send(self, bodies: list[bytes]) -> list[float]:
        return [self._send(body) for body in bodies]

    def _send(self, body: bytes) -> float:
        """How long it took, in ms."""
        started = time.perf_counter()
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        took_ms = (time.perf_counter() - started) * 1000
        if response.status != 200 or json.loads(answer)["accepted"] != BATCH:
            raise RuntimeError(f"a batch was answered with {response.status}: {answer[:200]!r}")
        return took_ms

    def close(self) -> None:
        self._connection.close()
