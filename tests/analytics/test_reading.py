"""What pages read of the rollups."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from devora_admin.analytics.periods import Span
from devora_admin.analytics.queries.series import series
from tests.analytics.counted import PLACES, begin, count, stored_event


def test_what_pages_read_is_what_was_counted(mongo):
    begin(mongo)
    with override_settings(TIME_ZONE="Europe/Berlin"):
        base = {"project_id": "p1", "minutes": 30}
        rows = [
            ("generation_completed", "ann", 0, {"model": "fable", "tokens": 10, "cost_usd": 0.5,
                                                "latency_ms": 1000}),
            ("generation_completed", "bob", 25, {"model": "saga", "tokens": 5, "latency_ms": 3000}),
            ("generation_failed", "bob", 26, {"model": "saga"}),
            ("login", "ann", 50, {}),
        ]  # fmt: skip
        mongo["analytics_events"].insert_many(
            [
                stored_event(n, {**base, "event_type": kind, "user_id": who, "hours": hours,
                                 "properties": properties}, PLACES["Europe/Berlin"])
                for n, (kind, who, hours, properties) in enumerate(rows)
            ]
        )  # fmt: skip
        count(range(len(rows)))
        first = PLACES["Europe/Berlin"].date()
        span = Span(first, first + timedelta(days=2))

        def rows_of(metric: str, **asked: Any) -> dict[str, tuple[Any, ...]]:
            return {row.label: row.values for row in series(metric, span=span, **asked).rows}

        assert rows_of("events") == {"": (1, 2, 1)}
        assert rows_of("events", by="event_type") == {
            "generation_completed": (1, 1, 0), "generation_failed": (0, 1, 0), "login": (0, 0, 1)
        }  # fmt: skip
        assert rows_of("generations", by="model") == {"saga": (0, 2, 0), "fable": (1, 0, 0)}
        assert rows_of("generations", by="model", where={"plan": "pro"}) == {"fable": (1, 0, 0)}
        assert rows_of("generations", by="plan", where={"model": "saga"}) == {"free": (0, 2, 0)}
        assert rows_of("events", by="event_type", where={"plan": "pro", "model": "fable"}) == {
            "generation_completed": (1, 0, 0)
        }
        assert rows_of("success_rate") == {"": (1.0, 0.5, None)}
        assert rows_of("cost") == {"": (0.5, 0, 0)}
        assert rows_of("customers") == {"": (1, 1, 1)}
        assert rows_of("customers", by="plan") == {"pro": (1, 0, 1), "free": (0, 1, 0)}
        assert rows_of("customers", where={"event_type": "login"}) == {"": (0, 0, 1)}
        assert rows_of("wau") == {"": (1, 2, 2)}
        assert rows_of("customers", grain="month") == {"": (2,)}
        assert rows_of("latency_p95", by="model")["saga"][1] == pytest.approx(3000, rel=0.01)
        table = series("tokens", span=span, grain="week")
        assert (table.values, table.total) == ((10, 5), 15)
        hours = series("events", span=Span(first, first), grain="hour")
        assert len(hours.columns) == 23
        assert hours.total == 1


def test_what_was_used_on_other_days_of_the_month_has_no_row(mongo):
    begin(mongo)
    now = datetime(2026, 3, 10, tzinfo=UTC)
    rows = [("fable", 0), ("saga", 24), ("saga", 48)]
    mongo["analytics_events"].insert_many(
        [
            stored_event(n, {"event_type": "generation_completed", "user_id": "ann", "hours": hours,
                             "project_id": "p1", "minutes": 0,
                             "properties": {"model": model, "latency_ms": 9}}, now)
            for n, (model, hours) in enumerate(rows)
        ]
    )  # fmt: skip
    count(range(len(rows)))
    day = Span(now.date(), now.date())
    for metric in ("generations", "latency_p95", "customers", "success_rate"):
        table = series(metric, span=day, by="model")
        assert [row.label for row in table.rows] == ["fable"], metric
    assert series("customers", span=day, by="model").total == 1
    crossed = series("generations", span=day, by="model", where={"plan": "pro"})
    assert [row.label for row in crossed.rows] == ["fable"]
