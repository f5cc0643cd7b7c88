"""Whatever events come, in whatever order and how often: the rollups are what going over all the
events would find, and a rebuild finds the same."""

import math
from datetime import timedelta
from typing import Any

import bson
import pytest
from bson import Decimal128
from django.test import override_settings
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from devora_admin.analytics.periods import Span
from devora_admin.analytics.queries.series import series
from devora_admin.analytics.rollups import rebuilding, recounting, sketches, state
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import InvalidInput
from devora_admin.ops.benchmarks.analytics import filling
from devora_admin.users import holdings
from devora_admin.users.holdings import Holding, Marks
from tests.analytics import brute
from tests.analytics.counted import (
    PLACES,
    assert_true,
    begin,
    carry_out,
    count,
    stored_event,
)

ANY_NUMBER = st.one_of(
    st.integers(0, 200_000), st.floats(0, 1000), st.none(),
    st.sampled_from(["1200", -3, math.nan, math.inf, True, [1], 10**13]),
)  # fmt: skip
PROPERTIES = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "model": st.sampled_from(["fable", "saga", "", 7, "bad\x1fname"]),
            "plan": st.sampled_from(["pro", "free", "Café €"]),
            "tokens": ANY_NUMBER, "latency_ms": ANY_NUMBER, "cost_usd": ANY_NUMBER,
        },
    ),
    st.sampled_from([None, ["no", "object"]]),
)  # fmt: skip
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
HOURS = st.one_of(st.integers(-30, 30), st.integers(-24 * 8, 24 * 8), st.just(-24 * 33))
EVENT = st.fixed_dictionaries(
    {
        "event_type": st.sampled_from(
            ["login", "generation_completed", "generation_failed", "new.kind$", "", None, 7]
        ),
        "user_id": st.sampled_from(["ann", "bob", "cy", None]),
        "project_id": st.sampled_from(["p1", "p2", None]),
        "hours": HOURS,
        "minutes": st.integers(0, 59),
        "properties": PROPERTIES,
    }
)


def holding(name: str) -> Holding:
    return next(each for each in holdings.registered() if each.name == name)


@pytest.mark.parametrize("zone", PLACES)
@given(drawn=st.lists(EVENT, min_size=1, max_size=30), data=st.data())
@settings(max_examples=4, deadline=None, phases=NO_SHRINKING)
def test_rollups_are_what_all_the_events_say(zone: str, drawn: Any, data: Any):
    mongo = core_mongo.database()
    with override_settings(TIME_ZONE=zone):
        begin(mongo)
        events = [stored_event(n, each, PLACES[zone]) for n, each in enumerate(drawn)]
        keys = data.draw(st.permutations(range(len(events))))
        cut = data.draw(st.integers(0, len(keys)))
        mongo["analytics_events"].insert_many([events[key] for key in keys])
        count(keys[:cut])
        count(keys)  # delivered again, with what came since
        usable = [
            each for each in events
            if each["event_type"] in ("login", "generation_completed", "generation_failed",
                                      "new.kind$") and not isinstance(each["properties"], list)
        ]  # fmt: skip
        counted = mongo["analytics_events"].count_documents({"dimensions": {"$exists": True}})
        assert counted == len(usable)
        assert mongo["analytics_quarantine"].count_documents({"is_counted": False}) == len(
            events
        ) - len(usable)
        assert_true(mongo, zone)

        before = brute.stored(mongo)
        list(rebuilding.rebuild())
        assert brute.stored(mongo) == before, "a rebuild finds the same"
        spoil(mongo, data)
        list(rebuilding.rebuild())
        assert brute.stored(mongo) == before, "and what was lost"

        mongo["analytics_events"].update_many({"user_id": "cy"}, {"$set": {"user_id": "bob"}})
        carry_out(lambda session: recounting.mark(("cy", "bob"), session))
        recounting.recount_marked()
        assert_true(mongo, zone)
        for name in ("events", "events-activity"):
            for step in holding(name).erase(Marks(("bob",))):
                carry_out(step)
        assert mongo["user_days"].count_documents({"_id.user_id": "bob"}) == 0
        assert_true(mongo, zone)


def spoil(db: Any, data: Any) -> None:
    for name in ("analytics_series", "analytics_sketches", "analytics_cube", "analytics_active",
                 "user_days"):  # fmt: skip
        keys = [row["_id"] for row in db[name].find({}, {"_id": 1}).sort("_id", 1)]
        if keys:
            db[name].delete_one({"_id": data.draw(st.sampled_from(keys))})
    for row in db["analytics_series"].find().limit(1):
        cell = min(row["cells"])
        db["analytics_series"].update_one({"_id": row["_id"]}, {"$set": {f"cells.{cell}.n": 99}})


def test_what_the_benchmark_fills_in_is_what_its_events_add_up_to(mongo, monkeypatch):
    begin(mongo)
    monkeypatch.setattr(filling, "DAYS", 4)
    monkeypatch.setattr(filling, "PEOPLE", 60)
    filling.fill(1500, until=clock.now(), report=lambda _: None)
    assert mongo["analytics_events"].count_documents({}) == 1500
    assert_true(mongo, state.state().zone_name)


def test_what_is_stored_as_counted_and_is_not_is_counted_and_named_types_have_room(mongo):
    begin(mongo)
    names = [f"junk {n}" for n in range(500)]
    mongo["analytics_state"].insert_one(
        {"_id": "rollups", "zone": "Europe/Berlin", "values": {"event_type": names}}
    )
    whole = {"plan": "x", "project_type": "y", "model": "z"}
    odd: list[dict[str, Any]] = [
        {"dimensions": {"plan": "x"}}, {"dimensions": [whole]},
        {"dimensions": {**whole, "plan": ["x"]}}, {"event_type": "one too many"},
        {"properties": {"tokens": Decimal128("sNaN")}, "user_id": "u" * 150},
    ]  # fmt: skip
    at = PLACES["Europe/Berlin"]
    base = {"event_type": "deploy", "user_id": "ann", "timestamp": at, "properties": {}}
    mongo["analytics_events"].insert_many([{"_id": n, **base, **each} for n, each in
                                           enumerate(odd)])  # fmt: skip
    with override_settings(TIME_ZONE="Europe/Berlin"):
        carry_out(lambda session: recounting.erase({"_id": 0}, session))  # not counted, and gone
        for _ in range(2):
            count(range(5))
        [row] = mongo["analytics_quarantine"].find()
        assert (row["user_id"], row["reason"]) == ("u" * 150, "tokens is no finite number")
        span = Span(at.date(), at.date())
        told = {row.label: row.total for row in series("events", span=span, by="event_type").rows}
        assert told == {"deploy": 3, "other": 1}
        counted_at = rebuilding.state.state().counted_at
        carry_out(lambda session: recounting.erase({"_id": {"$in": [1, 3]}}, session))
        assert_true(mongo, "Europe/Berlin")
        assert rebuilding.state.state().counted_at == counted_at


def test_days_that_cannot_be_counted_anew_keep_nobody_elses_waiting(mongo):
    begin(mongo)
    at = PLACES["Europe/Berlin"]
    mongo["user_days"].insert_one({"_id": {"day": "no day", "user_id": "ann"}, "seen": []})
    mongo["analytics_recounts"].insert_many(
        [{"_id": "ann", "marked_at": at}, {"_id": "bob", "marked_at": at + timedelta(days=1)}]
    )
    assert recounting.recount_marked() == 1
    [left] = mongo["analytics_recounts"].find()
    assert left["_id"] == "ann"
    assert left["marked_at"] > at + timedelta(days=1)


def test_a_rebuild_goes_on_only_with_the_same_days(mongo):
    begin(mongo)
    drawn = {"event_type": "login", "user_id": "ann", "project_id": None, "minutes": 0,
             "properties": {}}  # fmt: skip
    around, zone = PLACES["Europe/Berlin"], "Europe/Berlin"
    with override_settings(TIME_ZONE=zone):
        mongo["analytics_events"].insert_many(
            [stored_event(n, {**drawn, "hours": n * 24}, around) for n in range(4)]
        )
        count(range(4))
        first = around.date() + timedelta(days=2)
        part = rebuilding.rebuild(first)
        assert next(part).day == first
        part.close()
        part = rebuilding.rebuild(first)
        assert next(part).day == first + timedelta(days=1)
        whole = rebuilding.rebuild()
        assert next(whole).day == around.date() - timedelta(days=1), "not where another broke off"
        list(part)  # its end is not that of the whole one
        whole.close()
        with pytest.raises(InvalidInput, match="all days"):
            list(rebuilding.rebuild(first))
        assert next(rebuilding.rebuild()).day == around.date()
        list(rebuilding.rebuild())
        list(rebuilding.rebuild(first))
        assert rebuilding.state.state().rebuild is None
        assert_true(mongo, zone)


def test_another_time_zone_asks_for_a_rebuild_which_makes_its_days(mongo):
    begin(mongo)
    drawn = {"event_type": "login", "user_id": "ann", "project_id": None, "minutes": 40,
             "properties": {}}  # fmt: skip
    around = PLACES["Asia/Kolkata"]
    with override_settings(TIME_ZONE="UTC"):
        mongo["analytics_events"].insert_many(
            [stored_event(n, {**drawn, "hours": n * 7}, around) for n in range(20)]
        )
        count(range(15))
    with override_settings(TIME_ZONE="Asia/Kolkata"):
        count(range(18))
        assert rebuilding.state.state().needs_rebuild
        assert_true(mongo, "UTC")
        list(rebuilding.rebuild())
        assert not rebuilding.state.state().needs_rebuild
        count(range(20))
        assert_true(mongo, "Asia/Kolkata")


@given(
    st.lists(st.integers(0, 600_000), min_size=1, max_size=200),
    st.lists(st.integers(0, 600_000), max_size=200),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
@settings(max_examples=60, deadline=None)
def test_a_percentile_of_merged_sketches_is_within_a_hundredth(some, more, share):
    bins: dict[str, int] = {}
    for value in [*some, *more]:
        name = sketches.bin_of(value)
        bins[name] = bins.get(name, 0) + 1
    [(_, sketch)] = sketches.taken_apart(bson.encode({"01": bins}))
    told = sketches.Spectrum(1, sketches.Bins.of([(0, sketch)])).quantile(share)
    ordered = sorted([*some, *more])
    exact = ordered[math.floor(share * (len(ordered) - 1))]
    assert told == pytest.approx(exact, rel=0.01, abs=1e-9)
    assert told == brute.by_the_library(ordered, share)
