"""What may be asked of the rollups, and what an answer looks like."""

from datetime import date

import pytest

from devora_admin.analytics.periods import Span
from devora_admin.analytics.queries.series import series
from devora_admin.core.errors import InvalidInput

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
    asked = {"metric": "events", "span": WEEK} | question
    with pytest.raises(InvalidInput, match=told):
        series(asked.pop("metric"), **asked)


def test_of_nothing_there_is_a_row_of_noughts_for_each_grain(mongo):
    shapes = {"hour": 168, "day": 7, "week": 2, "month": 1}
    for grain, columns in shapes.items():
        table = series("events", span=WEEK, grain=grain)
        assert table.values == (0,) * columns == (0,) * len(table.columns)
        assert series("events", span=WEEK, grain=grain, by="event_type").rows == ()
    assert series("latency_p95", span=WEEK).values == (None,) * 7
    assert series("mau", span=WEEK, grain="week").values == (0, 0)
