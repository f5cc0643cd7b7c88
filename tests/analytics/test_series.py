"""What may be asked of the rollups, and what an answer looks like."""

import tracemalloc
from datetime import date
from zoneinfo import ZoneInfo

import bson
import pytest

from devora_admin.analytics.periods import Span
from devora_admin.analytics.queries.asking import asked
from devora_admin.analytics.queries.cells import Found
from devora_admin.analytics.queries.series import series, table_of
from devora_admin.analytics.rollups.sketches import bin_of, taken_apart
from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import documents

WEEK = Span(date(2026, 3, 25), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"metric": "nothing"}, "no such metric"),
        ({"by": "colour"}, "no such breakdown"),
        ({"where": {"colour": "red"}}, "no such filter"),
        ({"grain": "minute"}, "Choose hours"),
        ({"span": Span(date(2026, 3, 2), date(2026, 3, 1))}, "ends before it begins"),
        ({"span": Span(date(1970, 1, 1), date(1970, 1, 2))}, "from 2015"),
        ({"span": Span(date(2016, 1, 1), date(2066, 1, 1)), "grain": "hour"}, "92 days at most"),
        ({"span": Span(date(2016, 1, 1), date(2066, 1, 1)), "grain": "month"}, "3,660 days"),
        ({"metric": "dau", "grain": "hour"}, "Choose days"),
        ({"metric": "dau", "by": "model"}, "known by plan"),
        ({"metric": "latency_p95", "by": "model", "where": {"plan": "pro"}}, "at a time"),
        ({"metric": "signups", "where": {"event_type": "login"}}, "not of such events"),
        ({"metric": "customers", "by": "model", "grain": "week"}, "Choose days"),
        ({"by": "plan", "where": {"model": "x"}, "grain": "hour"}, "Choose days"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(mongo, question, told):
    given = {"metric": "events", "span": WEEK} | question
    with pytest.raises(InvalidInput, match=told):
        series(given.pop("metric"), **given)


def of_models(metric, span, grain):
    return asked(metric, span=span, by="model", where={}, grain=grain, zone=ZoneInfo("UTC"))


def test_percentiles_of_many_models_take_the_room_of_one():
    question = of_models("latency_p50", Span(date(2026, 3, 1), date(2026, 3, 31)), "hour")
    found = [
        Found(
            "generation_completed",
            f"model-{n:02}",
            [
                (column, sketch)
                for _, sketch in taken_apart(bson.encode({"01": {bin_of(50 * n): n}}))
                for column in (0, 700)
            ],
        )
        for n in range(1, 61)
    ]
    tracemalloc.start()
    try:
        table = table_of(question, found)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 744 * 1200 * 8 * 6
    assert [row.label for row in table.rows[:2]] == ["model-60", "model-59"]
    assert [row.is_others for row in table.rows] == [False] * 20 + [True]
    assert table.left_out == 40
    assert table.rows[0].total == pytest.approx(3000, rel=0.01)
    # Of 1 … 40 the upper half of all times is from 29 on, of 1 … 60 from 43 on.
    assert table.rows[-1].total == pytest.approx(50 * 29, rel=0.01)
    assert table.total == pytest.approx(50 * 43, rel=0.01)


def test_customers_of_several_days_or_models_have_no_sum():
    two, one = [(0, {"users": 2}), (1, {"users": 2})], [(0, {"users": 2})]
    found = [Found("", model, two) for model in "ab"]
    table = table_of(of_models("customers", WEEK, "day"), found)
    assert [(row.values[:3], row.total) for row in table.rows] == [((2, 2, 0), None)] * 2
    assert table.total is None
    day = table_of(
        of_models("customers", Span(WEEK.first, WEEK.first), "day"), [Found("", "a", one)]
    )
    assert day.total == 2


def test_of_nothing_there_is_a_row_of_noughts_for_each_grain(mongo):
    shapes = {"hour": 168, "day": 7, "week": 2, "month": 1}
    for grain, columns in shapes.items():
        table = series("events", span=WEEK, grain=grain)
        assert table.values == (0,) * columns == (0,) * len(table.columns)
        assert series("events", span=WEEK, grain=grain, by="event_type").rows == ()
    assert series("latency_p95", span=WEEK).values == (None,) * 7
    assert series("mau", span=WEEK, grain="week").values == (0, 0)


def test_sketches_are_taken_out_of_their_document_as_they_are():
    held = {"01": {"0123": 4, "0124": 2**40}, "31": {}}
    found = dict(documents(bson.encode(held)))
    assert {name: bson.decode(data) for name, data in found.items()} == held
    with pytest.raises(ValueError, match="more than documents"):
        list(documents(bson.encode({"01": {}, "02": 3})))
