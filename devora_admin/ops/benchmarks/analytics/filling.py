"""Events of a year, as many as are wanted, and counted: by the arithmetic of the worker, but a day
at a time, and without what makes it safe beside others, as nobody else is there."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby, product, starmap
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pymongo
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import COUNTED, events
from devora_admin.analytics.rollups import catalogue, journeys, people, raw, state
from devora_admin.analytics.rollups.dimensions import UNKNOWN, Dimensions
from devora_admin.analytics.rollups.people import Days
from devora_admin.analytics.rollups.tally import Counted, Tally
from devora_admin.core import mongo
from devora_admin.ops.benchmarks.report import Report

DAYS = 365
PEOPLE, PROJECTS = 50_000, 50_000
_EACH = 20
"""Events of somebody in a day."""
_AT_ONCE = 1000
_PATIENCE_S = 120.0
_TYPES = (
    *("login",) * 2, *("message_sent",) * 3, *("project_saved",) * 3,
    *("generation_completed",) * 3, "generation_failed", "project_created", "deploy", "error",
)  # fmt: skip
_MODELS = ("small", "medium", "large", "largest")
_PLANS = ("free", "pro", "team", "business")


def event(key: str, at: datetime, who: int, random: Random) -> dict[str, Any]:
    """As the platform stores it. who: from 0 to PEOPLE."""
    kind = random.choice(_TYPES)
    properties: dict[str, Any] = {"plan": _PLANS[who % len(_PLANS)]}
    if kind.startswith("generation"):
        tokens = int(random.lognormvariate(7.5, 0.8))
        properties |= {
            "model": random.choice(_MODELS),
            "tokens": tokens,
            "latency_ms": int(random.lognormvariate(8.3, 0.5)),
            "cost_usd": round(tokens * 0.000012, 6),
        }
    return {
        "_id": key,
        "event_type": kind,
        "user_id": f"bench-{who}",
        "project_id": f"bench-{random.randrange(PROJECTS)}",
        "timestamp": at,
        "properties": properties,
    }


def fill(many: int, *, until: datetime, report: Report) -> None:
    """Spread evenly over the year before, where there is nothing yet. Who comes on a day does some
    things then."""
    zone, told = state.state().zone, 0
    earlier: dict[tuple[str, str], list[date]] = {}
    with pymongo.timeout(_PATIENCE_S + many / 100), ThreadPoolExecutor(1) as writer:
        written: Future[None] | None = None
        for number, rows in enumerate(_days(many, until, zone), 1):
            made = _made(rows, zone, earlier)
            if written:
                written.result()
            # In a thread, so that the next day is made meanwhile.
            written = writer.submit(copy_context().run, partial(_write, rows, *made))
            told += len(rows)
            if number % 30 == 0:
                report(f"{number} of {DAYS} days filled in and counted, {told:,} events")
        if written:
            written.result()
        _end(many)


def _days(many: int, until: datetime, zone: ZoneInfo) -> Iterator[list[dict[str, Any]]]:
    random, each = Random(many), timedelta(days=DAYS) / many
    since = until - timedelta(days=DAYS)
    moments = (since + each * number for number in range(many))
    for day, of_day in groupby(moments, key=lambda at: at.astimezone(zone).date()):
        times = list(of_day)
        who = random.sample(range(PEOPLE), min(PEOPLE, -(-len(times) // _EACH)))
        yield [
            {
                **(row := event(f"{day}-{number:06d}", at, random.choice(who), random)),
                COUNTED: _dimensions(row["properties"]),
            }
            for number, at in enumerate(times)
        ]


def _dimensions(properties: dict[str, Any]) -> dict[str, str]:
    model = properties.get("model", UNKNOWN)
    return Dimensions(properties["plan"], UNKNOWN, model)._asdict()


def _made(
    rows: list[dict[str, Any]], zone: ZoneInfo, earlier: dict[tuple[str, str], list[date]]
) -> tuple[list[Counted], Tally, Days]:
    """What one day's events add. earlier: by customer and plan the last day that was; kept up."""
    counted = [found for row in rows if (found := raw.as_counted(row))]
    tally = Tally()
    tally.add(counted, zone)
    days = people.days_of(counted, zone)
    people.count_all(days, tally)
    for (user_id, day), seen in days.items():
        for plan in people.plans_of(seen):
            last = earlier.get((user_id, plan), [])
            people.add_windows(day, last, plan, tally, since=date.min, until=date.max)
            earlier[user_id, plan] = [day]
    return counted, tally, days


def _write(rows: list[dict[str, Any]], counted: list[Counted], tally: Tally, days: Days) -> None:
    events().insert_many(rows, ordered=False)
    people.user_days().insert_many(starmap(people.document, days.items()), ordered=False)

    def work(session: ClientSession) -> None:
        tally.write(session)
        catalogue.note(((each.event_type, each.facts) for each in counted), session)

    mongo.run_in_transaction(work, patience_s=_PATIENCE_S)


def _end(many: int) -> None:
    """What is of all days together."""

    def count(session: ClientSession) -> None:
        known = catalogue.Known(state.counting(many, session))
        for name in set(_TYPES):
            known.event_type(name)
        for plan, model in product(_PLANS, _MODELS):
            known.dimensions(plan, "", model)
        known.write(session)

    mongo.run_in_transaction(count)
    everybody = [f"bench-{who}" for who in range(PEOPLE)]
    for at in range(0, PEOPLE, _AT_ONCE):
        make = partial(journeys.make, everybody[at : at + _AT_ONCE])
        mongo.run_in_transaction(make, patience_s=_PATIENCE_S)
