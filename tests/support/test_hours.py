"""Business hours against counting minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.support.sla.hours import LONGEST, Hours, Shift, due_at, elapsed_s, open_spans

MINUTE = timedelta(minutes=1)
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia",
)  # fmt: skip
# Moments around which clocks change, or half a day goes missing.
TURNS = tuple(
    datetime(*day, tzinfo=UTC)
    for day in (
        (2026, 3, 28), (2026, 10, 24), (2026, 3, 7), (2026, 10, 31), (2018, 11, 3), (2026, 4, 4),
        (2011, 12, 28), (2026, 2, 14), (2026, 6, 1),
    )
)  # fmt: skip


def by_the_minute(hours, start, end, pauses=()):
    """Minutes that count, each looked at by itself."""
    zone, at, counted = ZoneInfo(hours.zone), start, 0
    while at < end:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        counted += (
            local.date() not in hours.holidays
            and any(
                shift.start <= minute < shift.end for shift in hours.week.get(local.weekday(), ())
            )
            and not any(first <= at < last for first, last in pauses)
        )
        at += MINUTE
    return counted


@st.composite
def shifts(draw):
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    return tuple(Shift(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def cases(draw):
    turn = draw(st.sampled_from(TURNS))
    start = turn + draw(st.integers(0, 2 * 1440)) * MINUTE
    end = start + draw(st.integers(0, 4 * 1440)) * MINUTE
    week = draw(st.dictionaries(st.integers(0, 6), shifts(), max_size=7))
    days = st.integers(0, 6).map(lambda number: (turn + timedelta(days=number)).date())
    pauses = draw(
        st.lists(st.tuples(st.integers(-500, 6000), st.integers(1, 3000)), max_size=3).map(
            lambda pairs: tuple(
                (start + first * MINUTE, start + (first + length) * MINUTE)
                for first, length in pairs
            )
        )
    )
    return Hours(draw(st.sampled_from(ZONES)), week, draw(st.frozensets(days))), start, end, pauses


@given(cases())
@settings(max_examples=300, deadline=None)
def test_what_counts_is_what_counting_each_minute_finds(case):
    hours, start, end, pauses = case
    counted = by_the_minute(hours, start, end, pauses)
    assert elapsed_s(hours, start, end, pauses) == counted * 60


@given(cases(), st.integers(1, 3000))
@settings(max_examples=200, deadline=None)
def test_at_the_time_due_all_of_it_has_gone_by_and_not_before(case, minutes):
    hours, start, _, pauses = case
    due = due_at(hours, start, minutes * 60, pauses)
    if due is None:
        assert elapsed_s(hours, start, start + LONGEST, pauses) < minutes * 60
        return
    assert elapsed_s(hours, start, due, pauses) == minutes * 60
    assert elapsed_s(hours, start, due - MINUTE, pauses) == (minutes - 1) * 60


@pytest.mark.parametrize(
    ("day", "minutes"), [(date(2026, 3, 29), 3 * 60), (date(2026, 10, 25), 5 * 60)]
)
def test_a_night_shift_is_as_long_as_the_clock_makes_it(day, minutes):
    hours = Hours("Europe/Berlin", {6: (Shift(0, 240),)})
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Berlin"))
    start = midnight.astimezone(UTC)
    assert elapsed_s(hours, start, start + timedelta(days=1)) == minutes * 60


def test_an_hour_that_comes_twice_counts_twice():
    hours = Hours("Europe/Berlin", {6: (Shift(150, 170),)})  # 2:30 to 2:50 comes twice
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    spans = list(open_spans(hours, start, start + timedelta(days=1)))
    assert [(first.hour, first.minute) for first, _ in spans] == [(0, 30), (1, 30)]


def test_hours_that_never_come_are_never_due():
    assert due_at(Hours("UTC", {}), datetime(2026, 1, 1, tzinfo=UTC), 60) is None


@pytest.mark.parametrize(("start", "end"), [(10, 10), (20, 10), (-1, 5), (0, 1441)])
def test_a_shift_lies_within_a_day(start, end):
    with pytest.raises(ValueError):
        Shift(start, end)
