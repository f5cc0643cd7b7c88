"""The page of a customer with 500 projects and 100,000 events, in two ways spread over time."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pymongo
from django.urls import reverse
from pymongo.write_concern import WriteConcern

from devora_admin.core import clock, mongo
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.pages import pages_section, walk
from devora_admin.ops.benchmarks.report import Report, Section, Target
from devora_admin.ops.demo import events
from devora_admin.staff import audit

PROJECTS, EVENTS, ACTIONS = 500, 100_000, 200
# Within which the events lie: as of a customer of long standing, and as bad as it can be.
SPREADS = {"over a year": 365, "all within 30 days": 30}
PAGE = Target(p95_ms=50, round_trips=8)
BATCH = 20_000


def page(bench: Bench, *, rounds: int, report: Report, most: int = EVENTS) -> Section:
    """most: events of each customer, fewer for a quick run."""
    count = min(most, EVENTS)
    paths: dict[str, tuple[str, Target | None]] = {}
    for name, days in SPREADS.items():
        customer_id = _customer(bench, days=days, count=count, report=report)
        whole = reverse("users:detail", args=[customer_id])
        timeline = reverse("users:timeline", args=[customer_id])
        deep, reached = walk(bench.client, timeline, pages=200, report=report)
        paths |= {
            f"page, events {name}": (whole, PAGE),
            f"failures alone, events {name}": (f"{whole}?kind=failures", PAGE),
            f"timeline, events {name}": (timeline, PAGE),
            f"timeline, page {reached}, events {name}": (deep, PAGE),
            f"timeline of a rare kind, events {name}": (f"{timeline}?kind=events:rare", PAGE),
        }
    return pages_section(
        f"A customer with {PROJECTS} projects and {count:,} events, sign-in included (ms)",
        bench.client,
        paths,
        rounds=rounds,
    )


def _customer(bench: Bench, *, days: int, count: int, report: Report) -> str:
    """Made once, and again when its latest event is a day old: figures are of the last 30 days."""
    customer_id, db, now = f"bench-customer-{days}", mongo.database(), clock.now()
    latest = db.analytics_events.find_one(
        {"user_id": customer_id}, {"timestamp": 1}, sort=[("timestamp", -1)]
    )
    if latest and now - latest["timestamp"] < timedelta(days=1):
        return customer_id
    report(f"making {customer_id} with {count:,} events")
    with pymongo.timeout(600):
        db.analytics_events.delete_many({"user_id": customer_id})
        db.projects.delete_many({"user_id": customer_id})
        db.users.replace_one({"id": customer_id}, _document(customer_id, now), upsert=True)
        db.projects.insert_many(_project(customer_id, n, now) for n in range(PROJECTS))
        target = db.analytics_events.with_options(write_concern=WriteConcern(w=1))
        random = Random(days)
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            made = [_event(random, customer_id, n, days=days, until=now) for n in numbers]
            target.insert_many(made, ordered=False)
    _act(bench, customer_id)
    return customer_id


def _document(customer_id: str, now: datetime) -> dict[str, Any]:
    plan = {"plan": "pro", "status": "past_due", "current_period_end": now}
    return {"id": customer_id, "email": f"{customer_id}@example.com", "name": "Many Events",
            "created_at": now - timedelta(days=700), "last_seen_at": now, "subscription": plan,
            "locale": "en", "credits": 100}  # fmt: skip


def _project(customer_id: str, number: int, now: datetime) -> dict[str, Any]:
    return {"id": f"{customer_id}-{number}", "user_id": customer_id, "name": f"Project {number}",
            "project_type": "saas", "files": [], "metadata": {}, "conversation_history": [],
            "created_at": now - timedelta(hours=number), "updated_at": now}  # fmt: skip


def _event(
    random: Random, customer_id: str, number: int, *, days: int, until: datetime
) -> dict[str, Any]:
    kind = random.choice(events.KINDS) if number else "rare"
    made = {
        "event_type": kind,
        "user_id": customer_id,
        "timestamp": until - timedelta(seconds=random.random() * days * 86_400),
        "properties": events.properties(kind, random),
    }
    if kind not in events.ALONE:
        made["project_id"] = f"{customer_id}-{random.randrange(PROJECTS)}"
    return made


def _act(bench: Bench, customer_id: str) -> None:
    subject = audit.Subject("customer", customer_id, "Many Events")
    if not mongo.database().audit_log.find_one({"customer_id": customer_id}):
        for number in range(ACTIONS):
            audit.record(
                "users.plan", actor=bench.actor, subject=subject, reason=f"Asked for it, {number}",
                before={"plan": "pro"}, after={"plan": "team"},
            )  # fmt: skip
