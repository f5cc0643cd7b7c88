"""Who is told before a promise is broken and once it is, once each; and what pages show of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string

from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.staff import audit
from devora_admin.support import page_parts
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, watching, writing
from devora_admin.support.sla import notices, saving, warning
from devora_admin.support.sla.policy import DEFAULT, Policy, Targets
from devora_admin.support.templatetags.sla import due
from devora_admin.users import holdings
from devora_admin.users.marks import Marks

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SEEN = "/support/notices/seen/"


@pytest.fixture
def held(monkeypatch):
    """held["now"] is the time."""
    found = {"now": MONDAY}
    monkeypatch.setattr(clock, "now", lambda: found["now"])
    return found


@pytest.fixture
def mine(staff, opened):
    """Who has an urgent issue, due for its first reply at 10:00; and its number."""
    me = audit.actor_for(staff("support", name="Ada Ant"))
    return me, opened(priority="urgent", assignee_id=me.id)


def told(who):
    return [(each.number, each.promise, each.kind) for each in notices.unseen(who.id).rows]


def test_people_are_warned_and_then_told_once_for_each_due_moment(held, mine):
    me, number = mine
    held["now"] = MONDAY + 45 * MINUTE
    assert warning.tell() == 0  # a quarter is left now, and not less
    held["now"] += MINUTE
    assert (warning.tell(), warning.tell()) == (1, 0)
    assert told(me) == [(number, "first_reply", "warned")]
    held["now"] = MONDAY + HOUR + MINUTE
    assert (warning.tell(), warning.tell()) == (1, 0)
    assert told(me) == [(number, "first_reply", "breached"), (number, "first_reply", "warned")]


def test_a_breach_is_marked_with_its_own_moment_and_not_the_chores(held, mine, mongo):
    _, number = mine
    held["now"] = MONDAY + 20 * HOUR
    warning.tell()
    sla = mongo.support_issues.find_one({"number": number})["sla"]
    assert sla["first_breached_at"] == MONDAY + HOUR
    assert sla["resolution_breached_at"] == MONDAY + 8 * HOUR
    assert issue(number).revision == 1


def test_those_who_watch_are_told_as_well_and_each_once(held, mine, staff, actor):
    me, number = mine
    another = audit.actor_for(staff("editor"))
    watching.watch(number, actor=me)
    watching.watch(number, actor=actor)
    held["now"] = MONDAY + 2 * HOUR
    warning.tell()
    assert told(me) == told(actor) == [(number, "first_reply", "breached")]
    assert told(another) == []


def test_of_two_workers_at_once_one_tells(held, mine, mongo):
    held["now"] = MONDAY + 2 * HOUR
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: warning.tell(), range(4)))
    assert mongo.support_notices.count_documents({}) == 1


def test_what_was_answered_in_time_is_not_told_of(held, mine):
    me, number = mine
    writing.reply(number, "Here", seen=1, actor=me)
    held["now"] = MONDAY + 2 * HOUR
    warning.tell()
    assert told(me) == []


def test_a_moment_that_moved_is_told_of_anew(held, mine, actor):
    me, number = mine
    writing.reply(number, "Here", seen=1, actor=me)
    held["now"] = MONDAY + 8 * HOUR - MINUTE
    warning.tell()
    assert told(me) == [(number, "resolution", "warned")]
    done = fields.set_status(number, "pending", seen=issue(number).revision, actor=me)
    held["now"] = MONDAY + 72 * HOUR
    assert warning.tell() == 0
    fields.set_status(number, "open", seen=done.revision, actor=me)
    held["now"] += MINUTE / 2
    warning.tell()
    assert told(me).count((number, "resolution", "warned")) == 2


def test_notices_are_listed_and_marked_as_seen_up_to_what_was_on_the_page(held, mine, client_for):
    me, number = mine
    client = client_for("support")
    assert "Nothing you have not seen" in client.get("/support/notices/").content.decode()
    held["now"] = MONDAY + 50 * MINUTE
    warning.tell()
    client = client_for("support")
    html = client.get("/support/notices/", headers={"HX-Request": "true"}).content.decode()
    assert f"#{number} Cannot deploy" in html
    assert "1 told, not seen yet" in html
    assert "<html" not in html
    until = notices.unseen(me.id).until
    held["now"] = MONDAY + 61 * MINUTE
    warning.tell()
    answer = client.post(SEEN, {"until": until}, headers={"HX-Request": "true"})
    assert "Broken" in answer.content.decode()
    assert told(me) == [(number, "first_reply", "breached")]
    assert client.post(SEEN, {"until": notices.unseen(me.id).until}).status_code == 302
    assert told(me) == []


def test_what_others_were_told_is_not_mine_to_mark(held, mine, client_for):
    me, _ = mine
    held["now"] = MONDAY + 2 * HOUR
    warning.tell()
    until = notices.unseen(me.id).until
    client_for("editor").post(SEEN, {"until": until})
    assert len(told(me)) == 1


def test_with_the_customer_what_was_told_of_their_issues_goes(held, mine, mongo, customer):
    held["now"] = MONDAY + 2 * HOUR
    warning.tell()
    assert mongo.support_notices.count_documents({}) == 1
    [issues] = [each for each in holdings.registered() if each.name == "issues"]
    for step in issues.erase(Marks((customer["id"],))):
        core_mongo.run_in_transaction(step)
    assert mongo.support_notices.count_documents({}) == 0


@pytest.mark.parametrize("given", [{}, {"until": "yesterday"}, {"until": "2026-01-01T00:00:00"},
    {"until": "2026-01-01T00:00:00+00:00", "number": "-1"}])  # fmt: skip
def test_marking_what_cannot_be_is_refused(client_for, given):
    assert client_for("support").post(SEEN, given).status_code == 422


def test_the_page_of_an_issue_shows_its_clock(held, mine, client_for):
    me, number = mine
    [part] = [each for each in page_parts.parts(lambda _: True) if each.name == "sla"]
    held["now"] = MONDAY + 20 * MINUTE
    shown = part.load(issue(number), lambda _: True)
    assert "40 min left" in render_to_string(part.template, {"part": shown})

    def page():
        return client_for("support").get(f"/support/{number}/clock/").content.decode()

    assert "Due <time" in page()
    assert "Mon 30 Nov, 10:00 UTC" in page()
    assert 'data-tone="ok"' in page()
    held["now"] = MONDAY + 50 * MINUTE
    assert 'data-tone="soon"' in page()
    held["now"] = MONDAY + 90 * MINUTE
    assert "30 min over" in page()
    writing.reply(number, "Sorry", seen=1, actor=me, status="pending", revision=1)
    held["now"] += 3 * HOUR
    html = page()
    assert "1 h 30 min of 1 h, in business hours" in html
    assert "6 h 30 min" in html
    assert "Waiting since" in html


def test_what_is_over_shows_how_it_was_judged_then(held, mine, client_for, actor):
    me, number = mine
    writing.reply(number, "Done", seen=1, actor=me, status="resolved", revision=1)
    strict = {name: Targets(1, 1) for name in DEFAULT.targets}
    policy = Policy(DEFAULT.zone, DEFAULT.week, (), strict, 0)
    saving.save(policy, seen=0, actor=actor)
    held["now"] = MONDAY + 9 * HOUR
    html = client_for("support").get(f"/support/{number}/clock/").content.decode()
    assert html.count("Kept") == 2
    assert "Late" not in html


def test_where_nothing_is_promised_there_is_no_clock(held, mine, client_for, actor):
    _, number = mine
    nothing = {name: Targets(None, None) for name in DEFAULT.targets}
    saving.save(Policy(DEFAULT.zone, DEFAULT.week, (), nothing, 0), seen=0, actor=actor)
    answer = client_for("support").get(f"/support/{number}/clock/")
    assert (answer.status_code, answer.content.strip()) == (200, b"")
    assert client_for("support").get("/support/99/clock/").status_code == 404


@pytest.mark.parametrize(
    ("minutes", "words", "tone"),
    [(5, "in 5 min", "soon"), (90, "in 1 h 30 min", "ok"), (-3, "3 min ago", "breached"),
     (11 * 60 + 5, "in 11 h", "ok"), (3 * 1440, "in 3 days", "ok"),
     (0, "in under a minute", "soon")],
)  # fmt: skip
def test_a_list_says_how_far_what_is_due_is(held, minutes, words, tone):
    html = due(MONDAY + minutes * MINUTE, "first_reply")
    assert words in html
    assert f'data-tone="{tone}"' in html
    assert "First reply" in html


def test_a_list_says_so_where_nothing_is_due(held):
    assert "Paused" in due(None, is_paused=True)
    assert "Paused" not in due(None)
