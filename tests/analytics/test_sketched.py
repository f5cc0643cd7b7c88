"""Sketches are read again where they changed, and only there."""

from datetime import UTC, datetime, timedelta

import pytest

from devora_admin.analytics.periods import Span
from devora_admin.analytics.queries import sketched
from devora_admin.analytics.queries.series import series
from devora_admin.analytics.rollups import recounting
from devora_admin.core import mongo as core_mongo
from devora_admin.core.mongo import round_trips
from tests.analytics.counted import begin, count

FIRST = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def generate(mongo):
    """generate(days=1, latency_ms=900, model="saga") → one more, counted."""
    begin(mongo)

    def do(*, days=0, **properties):
        number = mongo.analytics_events.count_documents({})
        mongo.analytics_events.insert_one(
            {"_id": number, "event_type": "generation_completed", "user_id": "ann",
             "timestamp": FIRST + timedelta(days=days), "properties": properties}
        )  # fmt: skip
        count([number])

    return do


def latest(metric="latency_p95", days=60, **asked):
    """By label, what is told of each day that has anything."""
    span = Span(FIRST.date(), FIRST.date() + timedelta(days=days - 1))
    found = series(metric, span=span, **asked)
    return {row.label: [round(each) for each in row.values if each] for row in found.rows}


def trips(**asked) -> int:
    round_trips.reset()
    latest(**asked)
    return round_trips.count


def test_what_changed_is_told_at_once_whatever_the_change(generate, mongo):
    generate(latency_ms=1000, model="fable")
    assert latest(by="model") == {"fable": [pytest.approx(1000, rel=0.01)]}
    generate(latency_ms=4000, model="fable", days=31)
    generate(latency_ms=2000, model="saga")
    assert latest(by="model") == {
        "fable": pytest.approx([1000, 4000], rel=0.01), "saga": [pytest.approx(2000, rel=0.01)]
    }  # fmt: skip
    for key in (1, 0):
        core_mongo.run_in_transaction(
            lambda session, key=key: recounting.erase({"_id": key}, session), patience_s=20
        )
    assert latest(by="model") == {"saga": [pytest.approx(2000, rel=0.01)]}
    generate(latency_ms=500, model="fable")
    assert latest(by="model")["fable"] == [pytest.approx(500, rel=0.01)]


def test_only_what_changed_is_read_again(generate):
    generate(latency_ms=1000)
    generate(latency_ms=1000, days=31)
    assert trips() == trips() + 1
    generate(latency_ms=2000, days=31)
    assert trips() == trips() + 1
    known = dict(sketched._known)
    latest(grain="hour", days=2)
    assert sketched._known == known


def test_what_was_not_used_for_long_is_forgotten(generate, monkeypatch):
    monkeypatch.setattr(sketched, "_MOST", 2)
    for days in (0, 31, 62):
        generate(latency_ms=1000, days=days)
    sketched._known.clear()
    for _ in range(3):
        generate(latency_ms=1000)
        assert latest(days=40) == {"": [pytest.approx(1000, rel=0.01)] * 2}
        assert len(sketched._known) == 2
    for _ in range(2):  # more than there is room for
        assert latest(days=90) == {"": [pytest.approx(1000, rel=0.01)] * 3}
        assert len(sketched._known) == 2


def test_sketches_without_a_mark_are_read_each_time(generate, mongo):
    generate(latency_ms=1000)
    mongo.analytics_sketches.update_many({}, {"$unset": {"mark": ""}})
    assert trips() == trips()
    mongo.analytics_sketches.update_many(
        {"_id.grain": "day"}, {"$set": {"cells": {"03": {"0500": 1}}}}
    )
    assert latest()[""] != [pytest.approx(1000, rel=0.01)]
