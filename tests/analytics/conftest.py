"""Some events of some customers, counted."""

from datetime import UTC, datetime, time, timedelta

import pytest

from devora_admin.analytics.rollups.counting import count
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from tests import factories


@pytest.fixture
def now(monkeypatch):
    """The present, which stands still: never so early that five minutes ago was yesterday."""
    real = clock.now()
    held = max(real, datetime.combine(real.date(), time(0, 6), tzinfo=UTC))
    monkeypatch.setattr(clock, "now", lambda: held)
    return held


@pytest.fixture
def events(mongo, now):
    """Of three customers: one generated today with two models, one failed, one was here before."""
    ada, bob, cyd = (
        factories.insert(mongo.users, factories.customer(name=name))
        for name in ("Ada", "Bob", "Cyd")
    )

    def event(number, customer, event_type, days=0, project=None, **properties):
        at = now - timedelta(days=days, minutes=5)
        return {"_id": number, "event_type": event_type, "user_id": customer["id"],
                "project_id": project and project["id"],
                "timestamp": at, "properties": properties}  # fmt: skip

    shop, blog = (
        factories.insert(mongo.projects, factories.project(name=name, project_type=name, **more))
        for name, more in (("shop", {}), ("blog", {"archived_at": factories.EPOCH}))
    )

    rows = [
        event(
            1,
            ada,
            "generation_completed",
            project=shop,
            model="fable",
            tokens=1200,
            latency_ms=800,
            cost_usd=2,
        ),
        event(
            2,
            ada,
            "generation_completed",
            project=blog,
            model="saga",
            tokens=300,
            latency_ms=2400,
            cost_usd=1,
        ),
        event(3, bob, "generation_failed", model="fable", latency_ms=100),
        event(4, bob, "signup"),
        event(5, cyd, "login", days=40),
        event(6, cyd, "<script>new</script>,all", tokens=7, cost_usd=5),
    ]
    mongo.analytics_events.insert_many(rows)
    core_mongo.run_in_transaction(lambda session: count(range(1, 7), session))
    return {"ada": ada, "bob": bob, "cyd": cyd, "shop": shop, "blog": blog}
