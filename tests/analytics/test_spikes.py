"""Errors that rise: told apart from what comes every day and from what grows little by little."""

import math
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from bson import ObjectId

from devora_admin.analytics.spikes import counting, watching
from devora_admin.analytics.spikes.messages import fault_of, normal
from devora_admin.analytics.spikes.rule import judge
from devora_admin.core import clock
from devora_admin.support.suggestions import queries, spiking
from devora_admin.support.suggestions.spiking import Rise
from tests.support.leaking import SECRETS

HOUR = timedelta(hours=1)
PEOPLE = 12


def poisson(random: Random, mean: float) -> int:
    limit, count, product = math.exp(-mean), 0, random.random()
    while product > limit:
        count, product = count + 1, product * random.random()
    return count


def daily(hour: int) -> float:
    """Many by day, few by night."""
    return 40 + 36 * math.sin(2 * math.pi * (hour % 24) / 24)


def grown(hour: int) -> float:
    """A tenth more each day."""
    return 12 * 1.1 ** (hour / 24)


def told(counts: list[int], at: int) -> bool:
    days = [counts[at - 24 * back] for back in range(1, 8)]
    hours = [counts[at - back] for back in range(2, 8)]
    return judge(counts[at], PEOPLE, days, hours=hours).is_rising


@pytest.mark.parametrize("mean", [lambda hour: 30.0, lambda hour: 0.3, daily, grown])
def test_what_is_usual_never_rises(mean: Any):
    """Steady, rare, in a daily rhythm, growing slowly: sixty days of hours each."""
    random = Random(3)
    counts = [poisson(random, mean(hour)) for hour in range(60 * 24)]
    assert [at for at in range(7 * 24, len(counts)) if told(counts, at)] == []


@pytest.mark.parametrize(("mean", "times"), [(lambda hour: 30.0, 4), (daily, 5), (grown, 5)])
def test_a_spike_rises_and_the_next_day_forgets_it(mean: Any, times: int):
    random = Random(4)
    counts = [poisson(random, mean(hour)) for hour in range(20 * 24)]
    at = 15 * 24 + 6
    counts[at] = int(mean(at) * times) + 10
    assert told(counts, at)
    assert not told(counts, at + 24)
    counts[at + 48] = counts[at]
    assert told(counts, at + 48)


def test_few_events_or_few_customers_are_no_rise():
    assert not judge(9, 9, [0.0] * 7).is_rising
    assert not judge(500, 2, [0.0] * 7).is_rising
    assert judge(10, 3, []).is_rising
    assert judge(10, 3, [0.0] * 7).certainty == "likely"
    assert judge(80, 10, [1.0] * 7).certainty == "sure"
    weekly = [2.0] * 6 + [60.0]
    assert not judge(70, 30, weekly).is_rising


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tried 3 times.", "Tried 12 times."),
        ("Cannot find module '@/components/Button'", "Cannot find module '@/lib/x'"),
        ("in app/page.tsx:42", "in src/lib/a.ts:7"),
        ("user 5f3c1a2b9d8e7f6a5b4c3d2e failed", "user 6a3c1a2b9d8e7f6a5b4c3d2f failed"),
        ("job 0b9f2c1e-4d5a-4f6b-8c7d-9e0f1a2b3c4d", "job 1b9f2c1e-4d5a-4f6b-8c7d-9e0f1a2b3c4e"),
        ("mail to ada@posteo.de bounced", "mail to bo.berg@web.de bounced"),
        ("GET https://a.io/x?y=1 answered 502", "GET https://b.io answered 500"),
        ("at 0x7ffee4a2b3c8", "at 0x7ffee4a2b3d9"),
        ("took 120.5 s", "took 3 s"),
    ],
)
def test_what_differs_each_time_is_left_out(one: str, other: str):
    assert normal(one) == normal(other)


def test_other_messages_codes_and_models_are_other_faults():
    told = {"code": "E_1X", "message": "Disk is full", "model": "gpt-4"}
    names = {
        fault_of("error", told).fingerprint,
        fault_of("generation_failed", told).fingerprint,
        fault_of("error", {**told, "message": "Disk is slow"}).fingerprint,
        fault_of("error", {**told, "model": "gpt-5"}).fingerprint,
        fault_of("error", None).fingerprint,
        fault_of("error", {"message": ["no", "text"]}).fingerprint,
    }
    assert len(names) == 5
    for make in SECRETS.values():
        secret = make(Random(1))
        fault = fault_of("error", {"message": f"refused {secret} twice", "model": secret})
        assert secret[-10:] not in f"{fault.message} {fault.model} {fault.code}"


@pytest.fixture
def failing(mongo: Any, make_customer: Any) -> Any:
    people = [make_customer()["id"] for _ in range(6)]

    def fail(count: int, at: datetime, message: str = "Deploy failed: 503 for {} s") -> None:
        mongo.analytics_events.insert_many(
            {"_id": ObjectId(), "event_type": "error", "user_id": people[n % len(people)],
             "timestamp": at - timedelta(seconds=n), "properties": {"message": message.format(n)}}
            for n in range(count)
        )  # fmt: skip

    return fail


def test_a_rise_is_found_in_the_events_told_once_and_kept_up_to_date(
    failing: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    now = clock.now().replace(minute=30)
    monkeypatch.setattr(clock, "now", lambda: now)
    for day in range(1, 8):
        failing(4, now - timedelta(days=day, minutes=5))
        failing(40, now - timedelta(days=day, minutes=5), "Build failed: line {}")
    failing(30, now - timedelta(minutes=2))
    failing(44, now - timedelta(minutes=2), "Build failed: line {}")
    mongo.analytics_events.insert_many(
        {"_id": ObjectId(), "event_type": "error", "timestamp": at, "properties": 7, "user_id": 9}
        for at in (now, "2026-01-01", [now], None)
    )
    for _ in range(counting.KEPT // HOUR // 10):
        watching.watch()
    (found,) = queries.suggestions_page().rows
    assert found.message == "Deploy failed: # for # s"
    assert (found.count, found.customers, found.usual) == (30, 6, 4)
    failing(5, clock.now())
    assert watching.watch() == 1
    (found,) = queries.suggestions_page().rows
    assert found.count == 35
    assert len(found.hourly) == 24
    failing(30, now - timedelta(minutes=1), "Export failed: {} of it")
    note = spiking.note

    def fail(rise: Rise) -> None:
        if rise.fault.message.startswith("Deploy"):
            raise TimeoutError
        note(rise)

    monkeypatch.setattr(spiking, "note", fail)
    failing(9, clock.now())
    assert watching.watch() == 2
    assert len(queries.suggestions_page().rows) == 2
    stats = counting.failed("error", now - HOUR, now).explain()["executionStats"]
    assert stats["totalDocsExamined"] <= stats["nReturned"] + 1
