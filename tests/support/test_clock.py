"""The clock of promises against counting minute by minute, and what it means case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.support.sla import pauses
from devora_admin.support.sla.clock import Life, Pause, clock_of
from devora_admin.support.sla.hours import Shift
from devora_admin.support.sla.policy import DEFAULT, Holiday, Policy, Targets
from tests.support.by_the_minute import (
    KINDS,
    LENGTH,
    MINUTE,
    TURNS,
    ZONES,
    judged,
    open_minutes,
)

LIVES = 20
EXAMPLES = 500
"""Together 10,000 lives of issues."""
BYTES = 32
"""That one life is made of."""
_LARGE = [HealthCheck.too_slow, HealthCheck.data_too_large]
_EDGES = st.sets(st.integers(0, 1440), max_size=6)


@st.composite
def policies(draw):
    turn = draw(st.sampled_from(TURNS))
    week = []
    for _ in range(7):
        edges = sorted(draw(_EDGES))
        week.append(tuple(Shift(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)))
    days = draw(st.sets(st.integers(0, 13), max_size=3))
    holidays = tuple(Holiday((turn + timedelta(days=each)).date(), "") for each in days)
    zone, warn = draw(st.sampled_from(ZONES)), draw(st.sampled_from((25, 50, 75)))
    return turn, Policy(zone, tuple(week), holidays, {}, warn)


def lives(drawn):
    """Lives of issues from bytes, which Hypothesis draws at once and shrinks as well."""
    for at in range(0, LIVES * BYTES, BYTES):
        yield life_from(drawn[at : at + BYTES])


def life_from(drawn):
    """Opened, replied, changes of the status, now, and the targets; times in minutes."""
    words = [drawn[at] * 256 + drawn[at + 1] for at in range(0, BYTES - 8, 2)]
    opened = words[0] % (2 * 1440)
    now = opened + words[1] % (8 * 1440)
    reply = None if drawn[-1] % 2 else min(opened + words[2] % (8 * 1440), now)
    changes = zip(words[3:], drawn[-8:], strict=False)
    statuses = list(KINDS)
    events = sorted(
        (min(opened + at % (8 * 1440), now), statuses[which % 5])
        for at, which in list(changes)[: drawn[-2] % 7]
    )
    first, last = (None if not each % 8 else 4 * (each % 400 + 1) for each in words[-2:])
    return opened, reply, events, now, Targets(first, last)


@given(policies(), st.binary(min_size=LIVES * BYTES, max_size=LIVES * BYTES))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=_LARGE)
def test_the_clock_says_what_counting_each_minute_finds(made, drawn):
    turn, policy = made
    open_ = open_minutes(policy, turn)
    for opened, reply, events, now, targets in lives(drawn):
        wanted = judged(policy, open_, targets, opened, reply, events, now)
        own = replace(policy, targets={"normal": targets})
        life = life_of(turn, opened, reply, events)
        clock = clock_of(own, "normal", life, now=turn + now * MINUTE)
        found = (clock.first_reply, clock.resolution)
        for promise, expected in zip(found, wanted, strict=True):
            assert told(promise, turn) == expected
        running = [each[1] for each in wanted if each and each[0] == "running" and each[1]]
        due = minutes(clock.due and clock.due[0], turn)
        assert due == min(running, default=None)


def life_of(turn, opened, reply, events):
    spans = ()
    for at, status in events:
        spans = pauses.moved(spans, pauses.kind_of(status), at=turn + at * MINUTE)
    replied_at = None if reply is None else turn + reply * MINUTE
    return Life(turn + opened * MINUTE, replied_at, spans)


def told(promise, turn):
    if promise is None:
        return None
    due, warn, breached, met = (
        minutes(each, turn)
        for each in (promise.due_at, promise.warn_at, promise.breached_at, promise.met_at)
    )
    return (promise.state, due, warn, breached, met, promise.took_s / 60)


def minutes(at, turn):
    """From the turn on; None beyond what counting looks at."""
    if at is None or at > turn + LENGTH * MINUTE:
        return None
    return (at - turn) / MINUTE


MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def clock(life, *, now, priority="normal"):
    return clock_of(DEFAULT, priority, life, now=now)


def test_a_reply_at_the_very_moment_it_is_due_keeps_the_promise():
    due = MONDAY + 8 * HOUR
    kept = clock(Life(MONDAY, due, ()), now=due + HOUR).first_reply
    assert (kept.state, kept.breached_at, kept.took_s) == ("met", None, 8 * 3600)
    late = clock(Life(MONDAY, due + timedelta(milliseconds=1), ()), now=due + HOUR).first_reply
    assert (late.state, late.breached_at) == ("met", due)


def test_the_first_reply_is_owed_also_while_the_issue_waits():
    waits = Life(MONDAY, None, (Pause("waiting", MONDAY),))
    found = clock(waits, now=MONDAY + HOUR)
    assert found.due == (MONDAY + 8 * HOUR, "first_reply")
    assert (found.resolution.state, found.resolution.due_at) == ("paused", None)


def test_nothing_is_due_once_the_issue_is_over_and_it_runs_on_when_it_is_open_again():
    at = MONDAY + HOUR
    over = Life(MONDAY, None, (Pause("over", at),))
    assert clock(over, now=at + HOUR).due is None
    again = Life(MONDAY, None, (Pause("over", at, at + 3 * HOUR),))
    tuesday = MONDAY + 24 * HOUR
    assert clock(again, now=at + 3 * HOUR).due == (tuesday + 3 * HOUR, "first_reply")


def test_another_priority_counts_from_the_same_start():
    life = Life(MONDAY, None, ())
    assert clock(life, now=MONDAY + HOUR, priority="urgent").due[0] == MONDAY + HOUR
    assert clock(life, now=MONDAY + HOUR, priority="high").due[0] == MONDAY + 4 * HOUR


def test_two_pauses_of_a_kind_that_touch_are_one_and_one_of_no_length_is_none():
    spans = pauses.moved((), "waiting", at=MONDAY)
    spans = pauses.moved(spans, None, at=MONDAY + HOUR)
    spans = pauses.moved(spans, "waiting", at=MONDAY + HOUR)
    assert spans == (Pause("waiting", MONDAY),)
    assert pauses.moved(pauses.moved((), "over", at=MONDAY), None, at=MONDAY) == ()


def test_pauses_without_end_stay_bounded_and_lose_next_to_nothing():
    spans, at = (), MONDAY
    for _ in range(3 * pauses.MOST):
        spans = pauses.moved(spans, "waiting", at=at)
        spans = pauses.moved(spans, None, at=at + HOUR)
        at += 2 * HOUR
    assert len(spans) == pauses.MOST
    assert (spans[0].start, spans[-1].end) == (MONDAY, at - HOUR)


@pytest.mark.parametrize("priority", ["", "unheard of"])
def test_a_priority_that_nothing_is_promised_for_is_never_due(priority):
    assert clock(Life(MONDAY, None, ()), now=MONDAY, priority=priority).due is None
