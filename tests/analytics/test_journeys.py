"""Funnel, retention and churn are what the events say, in whatever order they come and go."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.analytics.periods import Span, monday_of
from devora_admin.analytics.queries.journeys import funnel, months, retention
from devora_admin.analytics.rollups import rebuilding, recounting
from devora_admin.analytics.rollups.counting import count
from devora_admin.analytics.rollups.journeys import STEPS
from devora_admin.core import mongo as core_mongo

FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)
SPAN = Span(date(2026, 1, 1), date(2026, 4, 30))
DID = st.tuples(
    st.sampled_from(["ann", "bob", "cy", "dee"]),
    st.sampled_from([*STEPS, "login"]),
    st.integers(0, 110),
)
USED = ("analytics_events", "analytics_series", "analytics_sketches", "analytics_cube",
        "analytics_active", "analytics_journeys", "analytics_cohorts", "user_days",
        "analytics_types", "analytics_state")  # fmt: skip


def brute(events):
    """Days by customer and type, then what pages tell of them."""
    days: dict[str, dict[str, set[date]]] = {}
    for user, kind, day in events:
        at = (FIRST + timedelta(days=day)).date()
        days.setdefault(user, {}).setdefault(kind, set()).add(at)
    signed = {user: min(kinds["signup"]) for user, kinds in days.items() if "signup" in kinds}
    steps = [sum(step in days[user] for user in signed) for step in STEPS]
    active = {user: set().union(*kinds.values()) for user, kinds in days.items()}
    kept = {}
    for user, first in signed.items():
        weeks = {(monday_of(day) - monday_of(first)).days // 7 for day in active[user]}
        for week in weeks:
            if week >= 0:
                kept.setdefault((monday_of(first), week), set()).add(user)
    by_month = {
        month: {user for user, its in active.items() if any(day.month == month for day in its)}
        for month in range(1, 5)
    }
    churn = [
        (len(by_month[month]), len(by_month.get(month - 1, set()) & by_month[month]),
         len(by_month.get(month - 1, set()) - by_month[month]))
        for month in range(1, 5)
    ]  # fmt: skip
    return steps, {key: len(users) for key, users in kept.items()}, churn


def told():
    cohorts = retention(SPAN, date(2026, 6, 1))
    kept = {
        (cohort.week, at): round(share * cohort.customers)
        for cohort in cohorts
        for at, share in enumerate(cohort.kept)
        if share
    }
    churn = [(each.active, each.kept, each.lost) for each in months(SPAN, date(2026, 6, 1))]
    return [step.customers for step in funnel(SPAN)], kept, churn


def test_days_counted_before_there_were_journeys_are_in_the_journey(mongo):
    drawn = [("ann", "signup", 0), ("ann", "deploy", 3), ("ann", "login", 9)]
    mongo.analytics_events.insert_many(
        [{"_id": number, "user_id": user, "event_type": kind, "properties": {},
          "timestamp": FIRST + timedelta(days=day)}
         for number, (user, kind, day) in enumerate(drawn)]
    )  # fmt: skip
    core_mongo.run_in_transaction(lambda session: count([0, 1], session))
    for name in ("analytics_journeys", "analytics_cohorts"):
        mongo[name].delete_many({})
    core_mongo.run_in_transaction(lambda session: count([2], session))
    assert told() == brute(drawn)
    for name in ("analytics_journeys", "analytics_cohorts"):
        mongo[name].delete_many({})
    list(rebuilding.rebuild())
    assert told() == brute(drawn)


@given(drawn=st.lists(DID, max_size=40), data=st.data())
@settings(max_examples=12, deadline=None)
def test_journeys_are_what_the_events_say(drawn, data):
    db = core_mongo.database()
    for name in USED:
        db[name].delete_many({})
    rows = [
        {"_id": number, "user_id": user, "event_type": kind, "properties": {},
         "timestamp": FIRST + timedelta(days=day)}
        for number, (user, kind, day) in enumerate(drawn)
    ]  # fmt: skip
    if rows:
        db.analytics_events.insert_many(rows)
    order = data.draw(st.permutations(range(len(rows))))
    cut = data.draw(st.integers(0, len(rows)))
    for keys in (order[:cut], order[cut:]):
        core_mongo.run_in_transaction(lambda session, keys=keys: count(keys, session))
    assert told() == brute(drawn)
    assert [each.lost is None for each in months(SPAN, date(2026, 2, 28))] == [False, True]
    core_mongo.run_in_transaction(lambda session: recounting.erase({"user_id": "ann"}, session))
    assert told() == brute([each for each in drawn if each[0] != "ann"])
    assert db.analytics_journeys.find_one({"_id": "ann"}) is None
