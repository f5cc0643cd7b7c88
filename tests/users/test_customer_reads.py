"""How the customer's page reads: few round trips, from indexes, and each part for itself."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import Decimal128, Int64
from django.utils import timezone

from devora_admin.analytics.queries.usage import usage_of, usage_stages
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.users import panels
from devora_admin.users.queries.panels import panel_contents
from devora_admin.users.services import notes

MOST = 8


def trips(answer: Any) -> int:
    found = re.search(r'mongo;desc="(\d+)"', answer.headers["Server-Timing"])
    assert found
    return int(found[1])


def event(user_id: str, kind: str, at: datetime, **properties: Any) -> dict[str, Any]:
    return {"event_type": kind, "user_id": user_id, "timestamp": at, "properties": properties}


@pytest.mark.parametrize("events", [0, 3, 300])
def test_the_page_makes_at_most_eight_round_trips(
    admin, mongo, make_customer, make_project, actor, events
):
    customer = make_customer()
    projects = [make_project(user_id=customer["id"])["id"] for _ in range(30)]
    mongo.settings.insert_one({"user_id": customer["id"], "preferences": {"theme": "dark"}})
    notes.add_note(customer["id"], text="A note", actor=actor)
    now = clock.now()
    for number in range(events):
        kind = ("project_saved", "error", "generation_completed", "generation_failed")[number % 4]
        made = event(customer["id"], kind, now - timedelta(hours=2 * number))
        mongo.analytics_events.insert_one({**made, "project_id": projects[number % 30]})
    for page in ("", "?kind=failures", "timeline/", "timeline/?kind=saves&kind=staff"):
        assert trips(admin.get(f"/users/{customer['id']}/{page}")) <= MOST


@pytest.fixture
def usage(mongo: Any, make_customer: Any) -> Any:
    customer = make_customer()

    def read(*events: tuple[str, datetime, dict[str, Any]]) -> dict[str, tuple[int, ...]]:
        mongo.analytics_events.delete_many({})
        mongo.analytics_events.insert_many(
            event(customer["id"], kind, at, **properties) for kind, at, properties in events
        )
        rows = mongo.analytics_events.aggregate(usage_stages(customer["id"]))
        return {series.name: series.values for series in usage_of(rows).series}

    return read


def test_usage_is_summed_by_day(usage):
    now = clock.now()
    found = usage(
        ("generation_completed", now, {"tokens": 100}),
        ("generation_completed", now, {"tokens": Int64(50)}),
        ("generation_failed", now - timedelta(days=1), {"tokens": 7}),
        ("error", now - timedelta(days=2), {}),
        ("project_created", now - timedelta(days=3), {}),
        ("generation_completed", now - timedelta(days=40), {"tokens": 9_999}),
    )
    assert found["generations"][-2:] == (1, 2)
    assert found["tokens"][-2:] == (7, 150)
    assert found["failures"][-2:] == (1, 0)
    assert found["errors"][-3] == 1
    assert found["projects"][-4] == 1
    assert sum(found["tokens"]) == 157


@pytest.mark.parametrize("tokens", ["1200", None, [5, 6], {"a": 1}, float("nan"), float("inf"),
                                    Decimal128("NaN"), True, clock.now()])  # fmt: skip
def test_tokens_that_are_no_number_count_as_none(usage, tokens):
    found = usage(
        ("generation_completed", clock.now(), {"tokens": tokens}),
        ("generation_completed", clock.now() - timedelta(days=1), {"tokens": Decimal128("3")}),
    )
    assert found["generations"][-2:] == (1, 1)
    assert found["tokens"][-2:] == (3, 0)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_a_day_begins_at_midnight_where_staff_are(usage, zone):
    with timezone.override(zone):
        midnight = timezone.localtime(clock.now()).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        found = usage(("error", midnight, {}), ("error", midnight - timedelta(milliseconds=1), {}))
    assert found["errors"][-2:] == (1, 1)


@pytest.fixture
def fresh_indexes(stores: None) -> None:
    """An index that ever met a list under its key stays marked, and is read another way."""
    core_mongo.database().analytics_events.drop()
    core_mongo.ensure_indexes()


def test_usage_is_read_from_the_index_alone(mongo, fresh_indexes, make_customer, monkeypatch):
    customer = make_customer()
    # Of a day with three events, as 200 hours before half past six begin with, the store rightly
    # takes whichever index is shortest, and looks at the three.
    now = clock.now().replace(hour=12)
    monkeypatch.setattr(clock, "now", lambda: now)
    mongo.analytics_events.insert_many(
        event(customer["id"], kind, now - timedelta(hours=hours), tokens=hours)
        for hours in range(200)
        for kind in ("generation_completed", "login", "error")
    )
    for properties in (["no", "object"], {"tokens": ["x"]}, {"tokens": "12"}, None):
        odd = event("someone else", "generation_completed", now)
        mongo.analytics_events.insert_one({**odd, "properties": properties})
    mongo.system.profile.drop()
    mongo.command("profile", 2)
    rows = list(mongo.analytics_events.aggregate(usage_stages(customer["id"])))
    mongo.command("profile", 0)
    asked = {"ns": f"{mongo.name}.analytics_events", "command.aggregate": "analytics_events"}
    [profiled] = mongo.system.profile.find(asked)
    mongo.system.profile.drop()
    assert sum(row.get("count", 0) for row in rows) == 400
    assert sum(row.get("tokens", 0) for row in rows) == sum(range(200))
    assert profiled["docsExamined"] == 0
    assert profiled["keysExamined"] <= 600 + 6 * 30


def test_a_page_of_the_timeline_examines_few_rows_however_many_there_are(
    admin, mongo, fresh_indexes, make_customer
):
    customer = make_customer()
    now = clock.now()
    mongo.analytics_events.insert_many(
        event(customer["id"], ("login", "error")[hours % 100 == 0], now - timedelta(hours=hours))
        for hours in range(3000)
    )
    first = admin.get(f"/users/{customer['id']}/timeline/").content.decode()
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    for query in ("", older, "?kind=failures"):
        mongo.system.profile.drop()
        mongo.command("profile", 2)
        assert admin.get(f"/users/{customer['id']}/timeline/{query}").status_code == 200
        mongo.command("profile", 0)
        asked = [f"{mongo.name}.{name}" for name in ("audit_log", "analytics_events")]
        profiled = mongo.system.profile.find_one({"ns": {"$in": asked}})
        mongo.system.profile.drop()
        assert profiled["docsExamined"] <= 200, query
        assert profiled["keysExamined"] <= 400, query


@pytest.fixture
def with_panel() -> Any:
    """with_panel(load=…) adds a panel to the page for this test."""
    added = []

    def add(**fields: Any) -> None:
        panel = panels.Panel(**{"name": f"test-{len(added)}", "title": "Test panel", "order": 35,
                                "permission": "users.view", "template": "components/loading.html",
                                **fields})  # fmt: skip
        panels.register(panel)
        added.append(panel.name)

    yield add
    for name in added:
        del panels._panels[name]


def broken(*given: Any) -> None:
    raise RuntimeError("a fault of this panel")


def refused(customer_id: str) -> list[dict[str, Any]]:
    return [{"$match": {"$nonsense": 1}}]


@pytest.mark.parametrize("fault", [
    {"load": broken},
    {"reads": panels.Reads("users", refused, lambda rows, can: rows)},
    {"reads": panels.Reads("users", lambda customer_id: [], broken)},
], ids=["loading", "reading", "showing"])  # fmt: skip
def test_a_panel_at_fault_leaves_the_others(admin, make_customer, make_project, with_panel, fault):
    customer = make_customer()
    make_project(user_id=customer["id"], name="Still there")
    with_panel(**fault)
    answer = admin.get(f"/users/{customer['id']}/")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "This part could not be loaded" in html
    assert "Still there" in html
    assert html.count("could not be loaded") == 1


def test_a_panel_without_content_or_permission_is_left_out(make_customer, with_panel):
    with_panel(load=lambda customer_id, can: None)
    with_panel(load=lambda customer_id, can: "x", permission="audit.view")
    shown = panel_contents(make_customer()["id"], lambda permission: permission != "audit.view")
    assert not [each for each in shown if each.panel.title == "Test panel"]
