"""Whatever is done to an issue, what is due next is what its events say."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.staff import undo
from devora_admin.support import states
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, merging, writing
from devora_admin.support.sla import pauses, retiming
from devora_admin.support.sla.clock import Life, clock_of
from devora_admin.support.sla.part import shown
from devora_admin.support.sla.policy import DEFAULT

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Held:
    """The clock of the process, which goes on only when it is told to."""

    def __init__(self, at):
        self.at = at

    def on(self, step):
        self.at += step
        return self.at


@pytest.fixture
def held(monkeypatch):
    found = Held(MONDAY)
    monkeypatch.setattr(clock, "now", lambda: found.at)
    return found


def stored(mongo, number):
    return mongo.support_issues.find_one({"number": number})


def due(mongo, number):
    row = stored(mongo, number)
    return (row["due_at"], row["due_kind"]) if "due_at" in row else None


class Watched:
    """An issue, and what was seen to happen to it from outside."""

    def __init__(self, number):
        self.number = number
        self.opened_at = clock.now()
        self.spans = ()
        self.status = "open"
        self.earlier = {}
        self.changed_in = -1

    def look(self, step, undone):
        """undone: the step that this one took back, None for none."""
        self.seen = issue(self.number)
        self.earlier[step] = self.spans
        if self.seen.status != self.status:
            if undone is not None and self.changed_in == undone:
                self.spans = self.earlier[undone]  # as if it had not happened
            self.status, self.changed_in = self.seen.status, step
        kind = pauses.kind_of(self.seen.status)
        self.spans = pauses.moved(self.spans, kind, at=clock.now())

    def expected(self):
        life = Life(self.opened_at, self.seen.first_replied_at, self.spans)
        return clock_of(DEFAULT, self.seen.priority, life, now=clock.now()).due


def act(verb, value, one, other, actor, done, step):
    """Does one thing as somebody would who sees the issue as it is now. Returns the step it took
    back, None for none."""
    seen = issue(one).revision
    if verb == "reply":
        status = value if value in states.STATUSES else ""
        sequence = issue(one).sequence
        writing.reply(one, "Look", seen=sequence, actor=actor, status=status, revision=seen)
    elif verb == "note":
        writing.add_note(one, "Hm", actor=actor)
    elif verb == "customer":
        writing.customer_replied(one, "And now?", actor=actor)
    elif verb == "status":
        status = value if value in states.STATUSES else "pending"
        done.append((fields.set_status(one, status, seen=seen, actor=actor).row_id, step))
    elif verb == "priority":
        priority = value if value in states.PRIORITIES else "urgent"
        done.append((fields.set_priority(one, priority, seen=seen, actor=actor).row_id, step))
    elif verb == "merge":
        theirs = issue(other).revision
        merged = merging.merge_issues(one, other, seen=seen, absorbed_seen=theirs, actor=actor)
        done.append((merged.row_id, step))
    elif done:
        row_id, was = done.pop()
        if row_id:
            undo.perform(row_id, actor=actor)
            return was
    return None


VERBS = ("reply", "note", "customer", "status", "status", "priority", "merge", "undo", "undo")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.sampled_from([*states.STATUSES, *states.PRIORITIES, ""]),
        st.booleans(),
        st.integers(0, 30 * 60),
    ),
    min_size=1,
    max_size=14,
)


@given(STEPS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_after_any_course_of_events_what_is_due_is_what_they_say(opened, actor, held, mongo, steps):
    two = [Watched(opened()) for _ in range(2)]
    done = []
    for step, (verb, value, is_first, minutes) in enumerate(steps):
        held.on(timedelta(minutes=minutes, milliseconds=7))
        one, other = two if is_first else reversed(two)
        # A conflict: it is closed, merged away or has moved on, and nothing was written.
        undone = None
        with contextlib.suppress(Conflict):
            undone = act(verb, value, one.number, other.number, actor, done, step)
        for each in two:
            each.look(step, undone)
            assert due(mongo, each.number) == each.expected(), (verb, value)


def test_a_new_issue_is_due_from_its_opening_on(opened, held, mongo):
    number = opened(priority="urgent")
    assert due(mongo, number) == (MONDAY + HOUR, "first_reply")


def test_one_that_staff_open_with_a_reply_has_had_its_first(opened, held, mongo):
    number = opened(first="reply")
    assert due(mongo, number)[1] == "resolution"
    assert stored(mongo, number)["sla"]["first_reply"]["took_s"] == 0


def test_a_broken_promise_is_marked_with_the_moment_it_was_broken(opened, held, mongo, actor):
    number = opened(priority="urgent")
    held.on(3 * HOUR)
    writing.reply(number, "At last", seen=1, actor=actor)
    sla = stored(mongo, number)["sla"]
    assert sla["first_breached_at"] == MONDAY + HOUR
    assert sla["first_reply"]["took_s"] == 3 * 3600
    assert "resolution_breached_at" not in sla


def test_a_reply_is_judged_by_what_was_promised_when_it_was_given(opened, held, mongo, actor):
    number = opened()
    held.on(3 * HOUR)
    writing.reply(number, "Look", seen=1, actor=actor)
    fields.set_priority(number, "urgent", seen=issue(number).revision, actor=actor)
    sla = stored(mongo, number)["sla"]
    assert (sla["first_reply"]["state"], "first_breached_at" in sla) == ("met", False)
    assert due(mongo, number) == (MONDAY + 8 * HOUR, "resolution")


def test_what_was_resolved_in_time_stays_so_whatever_is_changed_of_it_later(
    opened, held, mongo, actor
):
    number = opened()
    held.on(2 * HOUR)
    fields.set_status(number, "resolved", seen=1, actor=actor)
    before = stored(mongo, number)["sla"]
    held.on(100 * HOUR)
    fields.set_priority(number, "urgent", seen=issue(number).revision, actor=actor)
    assert stored(mongo, number)["sla"] == before
    assert due(mongo, number) is None


def test_an_issue_from_before_there_were_clocks_gets_one_when_it_is_written(
    opened, held, mongo, actor
):
    number = opened()
    fields.set_status(number, "pending", seen=1, actor=actor)
    gone = {"sla": "", "due_at": "", "due_kind": ""}
    mongo.support_issues.update_one({"number": number}, {"$unset": gone})
    held.on(2 * HOUR)
    writing.customer_replied(number, "Here", actor=actor)
    [pause] = stored(mongo, number)["sla"]["pauses"]
    assert (pause["kind"], pause["start"], pause["end"]) == ("waiting", MONDAY, held.at)


def test_a_chore_gives_a_clock_to_issues_from_before_there_were_any(opened, held, mongo, actor):
    numbers = [opened() for _ in range(105)]
    fields.set_status(numbers[0], "closed", seen=1, actor=actor)
    gone = {"sla": "", "due_at": "", "due_kind": ""}
    mongo.support_issues.update_many({}, {"$unset": gone})
    held.on(HOUR)
    assert retiming.begin() == 104
    assert due(mongo, numbers[1]) == (MONDAY + 8 * HOUR, "first_reply")
    assert "sla" not in stored(mongo, numbers[0])
    assert retiming.begin() == 0


def test_a_first_reply_to_what_is_resolved_is_judged_too(opened, held, mongo, actor):
    number = opened()
    held.on(HOUR)
    fields.set_status(number, "resolved", seen=issue(number).revision, actor=actor)
    assert stored(mongo, number)["sla"]["first_reply"]["state"] == "ended"
    held.on(HOUR)
    writing.reply(number, "It works again", seen=1, actor=actor)
    assert stored(mongo, number)["sla"]["first_reply"]["state"] == "met"
    writing.customer_replied(number, "It does not", actor=actor)
    assert stored(mongo, number)["sla"]["first_reply"]["state"] == "met"


def test_a_reopening_that_is_taken_back_never_was(opened, held, mongo, actor):
    number = opened()
    held.on(2 * HOUR)
    fields.set_status(number, "resolved", seen=1, actor=actor)
    before = stored(mongo, number)["sla"]
    held.on(HOUR)
    done = fields.set_status(number, "open", seen=issue(number).revision, actor=actor)
    held.on(100 * HOUR)  # the resolution was due meanwhile
    fields.set_priority(number, "high", seen=issue(number).revision, actor=actor)
    undo.perform(done.row_id, actor=actor)
    found = stored(mongo, number)["sla"]
    assert found["pauses"] == before["pauses"]
    assert found["resolution"]["met_at"] == before["resolution"]["met_at"] == MONDAY + 2 * HOUR
    assert "resolution_breached_at" not in found


def test_a_breach_stays_on_record_unless_the_priority_it_came_from_is_taken_back(
    opened, held, mongo, actor
):
    number = opened(priority="urgent")
    held.on(3 * HOUR)
    lowered = fields.set_priority(number, "low", seen=1, actor=actor)
    sla = stored(mongo, number)["sla"]
    assert sla["first_breached_at"] == MONDAY + HOUR
    assert sla["first_reply"]["due_at"] > held.at  # and the new promise counts
    assert shown(number).lines[0].broken_at == MONDAY + HOUR
    undo.perform(lowered.row_id, actor=actor)
    assert "kept" not in stored(mongo, number)["sla"]
    assert stored(mongo, number)["sla"]["first_breached_at"] == MONDAY + HOUR

    mistaken = opened()
    held.on(2 * HOUR)
    raised = fields.set_priority(mistaken, "urgent", seen=1, actor=actor)
    assert "first_breached_at" in stored(mongo, mistaken)["sla"]
    undo.perform(raised.row_id, actor=actor)
    assert "first_breached_at" not in stored(mongo, mistaken)["sla"]
