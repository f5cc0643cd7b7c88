"""Setting up what is promised: by a form that says what is wrong where, on what was seen of it, and
with the clocks of open issues following."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from devora_admin.core import clock, job_runner, jobs
from devora_admin.core.errors import Conflict
from devora_admin.staff import undo
from devora_admin.support.services import fields, writing
from devora_admin.support.sla import policies, retiming, saving
from devora_admin.support.sla.hours import Shift
from devora_admin.support.sla.policy import DEFAULT

PAGE, SAVE, PREVIEW = (f"/support/settings/sla/{end}" for end in ("", "save/", "preview/"))
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
GIVEN = {
    "seen": "0", "zone": "Europe/Berlin", "warn_percent": "20",
    "day_0": "8:30-12:00, 13:00 to 17:30", "day_1": "9-17", "day_5": "22:00-24:00",
    "holidays": "2026-12-25 Christmas\n\n2027-01-01",
    "first_reply_urgent": "30 min", "resolution_urgent": "4 h", "first_reply_low": "1 h 30 min",
}  # fmt: skip


@pytest.fixture
def held(monkeypatch):
    """held["now"] is the time."""
    found = {"now": MONDAY}
    monkeypatch.setattr(clock, "now", lambda: found["now"])
    return found


@pytest.fixture
def editor(client_for):
    return client_for("editor")


def error_of(html, name):
    """What stands below a field."""
    found = re.search(rf'id="id_{name}_error">(.*?)</div></div>', html, re.DOTALL)
    return re.sub(r"<[^>]*>", "", found[1]) if found else ""


def test_until_somebody_sets_it_up_a_default_holds_and_the_page_says_so(client_for):
    html = client_for("support").get(PAGE).content.decode()
    assert "Nobody has set this up yet" in html
    assert 'value="09:00\N{EN DASH}17:00"' in html
    assert "Your role may see this, not change it" in html
    assert policies.current() == DEFAULT


def test_what_is_typed_is_kept_and_shown_again_as_it_reads(editor, mongo):
    answer = editor.post(SAVE, GIVEN)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    policy = policies.current()
    assert (policy.zone, policy.revision, policy.warn_percent) == ("Europe/Berlin", 1, 20)
    assert policy.week[0] == (Shift(510, 720), Shift(780, 1050))
    assert policy.week[5] == (Shift(1320, 1440),)
    assert [each.on.isoformat() for each in policy.holidays] == ["2026-12-25", "2027-01-01"]
    urgent, low = policy.of("urgent"), policy.of("low")
    assert (urgent.first_reply, urgent.resolution) == (30, 240)
    assert (low.first_reply, low.resolution) == (90, None)
    html = editor.get(PAGE).content.decode()
    assert 'value="08:30\N{EN DASH}12:00, 13:00\N{EN DASH}17:30"' in html
    assert 'value="1 h 30 min"' in html
    assert "2026-12-25 Christmas" in html


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("day_0", "9:00-12:00, 11:00-13:00", "overlap"),
        ("day_0", "9:00-9:00", "ends before it starts"),
        ("day_1", "22:00-6:00", "Split a night in two at 24:00"),
        ("day_1", "18:00-0:00", "Write midnight as 24:00"),
        ("day_2", "9:00-25:00", "a day goes from 0:00 to 24:00"),
        ("day_2", "9:75-17:00", "a day goes from 0:00 to 24:00"),
        ("day_3", "mornings", "write it as"),
        ("day_4", ",".join(f"{n}-{n + 1}" for n in range(8)), "may have 6 shifts"),
        ("zone", "Mars/Olympus", "no such time zone"),
        ("zone", "../etc/passwd", "no such time zone"),
        ("holidays", "2026-12-25 One\n2026-12-25 Two", "2026-12-25 is there twice"),
        ("holidays", "2026-02-30 Never", "Line 1: there is no 2026-02-30"),
        ("holidays", "Christmas", "Line 1: write it as"),
        ("first_reply_urgent", "0 min", "at least 1 min"),
        ("first_reply_urgent", "8760 h", "at most 500 h"),
        ("resolution_low", "soon", "Write it as 30 min"),
        ("resolution_low", "99999999 h", "Write it as 30 min"),
        ("warn_percent", "100", "less than or equal to 90"),
        ("warn_percent", "", "required"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(editor, field, value, said):
    answer = editor.post(SAVE, {**GIVEN, field: value})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in error_of(html, field)
    assert 'value="30 min"' in html or field == "first_reply_urgent"  # what was typed is there
    assert policies.saved().at is None


def test_everything_that_is_wrong_is_said_at_once(editor):
    wrong = {"day_0": "9-12, 11-13", "zone": "Mars", "resolution_urgent": "soon", "day_1": "x"}
    html = editor.post(SAVE, {**GIVEN, **wrong}).content.decode()
    assert all(error_of(html, field) for field in wrong)
    assert "Not all of it can be read yet" in html


def test_with_every_day_closed_nothing_would_ever_be_due(editor):
    closed = {f"day_{day}": "" for day in range(7)}
    answer = editor.post(SAVE, {**GIVEN, **closed})
    assert "Nothing would ever be due" in error_of(answer.content.decode(), "day_0")


def test_hours_too_few_for_a_target_are_refused_at_the_target(editor):
    few = {**{f"day_{day}": "" for day in range(7)}, "day_0": "9:00-9:01"}
    answer = editor.post(SAVE, {**GIVEN, **few, "resolution_low": "400 h"})
    assert "five years" in error_of(answer.content.decode(), "resolution_low")


def test_hours_that_a_change_of_clocks_skips_are_no_fault(held, client_for):
    skipped = {**{f"day_{day}": "" for day in range(7)}, "day_6": "2:00-3:00"}
    held["now"] = datetime(2027, 3, 27, 12, tzinfo=UTC)  # 2:00 to 3:00 is missing on the 28th
    given = {**GIVEN, **skipped, "first_reply_urgent": "30 min"}
    html = client_for("editor").post(PREVIEW, given).content.decode()
    assert "Sun 4 Apr, 02:30" in html


def test_a_preview_says_when_an_issue_opened_now_would_be_due(held, editor, mongo):
    html = editor.post(PREVIEW, GIVEN).content.decode()
    assert "Mon 30 Nov, 10:30" in html  # half an hour from 10:00 in Berlin
    assert "Now it is Mon 30 Nov, 10:00 CET, within business hours" in html
    assert "<html" not in html
    wrong = editor.post(PREVIEW, {**GIVEN, "day_0": "17-9"}).content.decode()
    assert "ends before it starts" in wrong
    assert policies.saved().at is None


def test_what_somebody_else_changed_meanwhile_is_not_lost(client_for, editor):
    client_for("admin", email="bo@devora.example", name="Bo Berg").post(SAVE, GIVEN)
    answer = editor.post(SAVE, {**GIVEN, "zone": "Asia/Tokyo"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Meanwhile Bo Berg changed what is promised" in html
    assert 'value="Asia/Tokyo"' in html
    assert policies.current().zone == "Europe/Berlin"
    [seen] = re.findall(r'name="seen" value="(\d+)"', html)
    assert editor.post(SAVE, {**GIVEN, "zone": "Asia/Tokyo", "seen": seen}).status_code == 302
    assert policies.current().zone == "Asia/Tokyo"


def test_saving_what_is_so_already_writes_nothing(editor, mongo):
    editor.post(SAVE, GIVEN)
    editor.post(SAVE, {**GIVEN, "seen": "1"})
    assert policies.current().revision == 1
    assert mongo.audit_log.count_documents({"action": "sla.save"}) == 1


def test_a_change_is_on_record_and_undone_unless_it_has_moved_on(editor, actor, mongo):
    editor.post(SAVE, GIVEN)
    editor.post(SAVE, {**GIVEN, "seen": "1", "zone": "Asia/Tokyo"})
    row = mongo.audit_log.find_one({"action": "sla.save", "after.zone": "Asia/Tokyo"})
    assert (row["before"], row["after"]) == ({"zone": "Europe/Berlin"}, {"zone": "Asia/Tokyo"})
    undo.perform(row["_id"], actor=actor)
    assert (policies.current().zone, policies.current().revision) == ("Europe/Berlin", 3)
    first = mongo.audit_log.find_one({"action": "sla.save", "after.week": {"$exists": True}})
    editor.post(SAVE, {**GIVEN, "seen": "3", "warn_percent": "50"})
    with pytest.raises(Conflict, match="The warning was changed since"):
        undo.perform(first["_id"], actor=actor)


def test_the_clocks_of_open_issues_follow_by_a_job(held, editor, mongo, opened, actor):
    numbers = [opened(priority="urgent") for _ in range(250)]
    fields.set_status(numbers[0], "resolved", seen=1, actor=actor)
    over = mongo.support_issues.find_one({"number": numbers[0]})
    before = mongo.support_issues.find_one({"number": numbers[1]})
    editor.post(SAVE, GIVEN)
    [job] = jobs.recent(limit=5)
    assert (job.kind, job.total, job.state) == (retiming.KIND, 249, "waiting")
    assert job_runner.run_next("one")
    job = jobs.find(job.id)
    assert (job.state, job.done, job.failed) == ("done", 249, 0)
    after = mongo.support_issues.find_one({"number": numbers[1]})
    assert before["due_at"] == MONDAY + HOUR
    assert (after["due_at"], after["due_kind"]) == (MONDAY + HOUR / 2, "first_reply")
    # Nobody wrote in it: what people have open is not outdated by it.
    assert (after["revision"], after["updated_at"]) == (before["revision"], before["updated_at"])
    assert mongo.support_issues.find_one({"number": numbers[0]}) == over
    assert mongo.support_issues.count_documents({"due_at": MONDAY + HOUR / 2}) == 249


def test_the_job_goes_on_where_it_was_stopped(held, editor, mongo, opened):
    for _ in range(230):
        opened()
    editor.post(SAVE, {**GIVEN, "first_reply_normal": "2 h"})
    asked = iter([False, True])
    job_runner.run_next("one", stopping=lambda: next(asked, True))
    [job] = jobs.recent(limit=1)
    half = mongo.support_issues.count_documents({"sla.policy": 1})
    assert job.state == "running" or half < 230
    later = clock.now() + timedelta(minutes=2)
    held["now"] = later  # the lease has run out
    job_runner.run_next("two")
    assert mongo.support_issues.count_documents({"sla.policy": 1}) == 230
    assert mongo.support_issues.count_documents({"due_at": MONDAY + 2 * HOUR}) == 230


def test_an_issue_that_the_job_missed_is_found_by_the_chore(held, editor, mongo, opened):
    number = opened(priority="urgent")
    editor.post(SAVE, GIVEN)
    assert retiming.catch_up() == 1
    assert mongo.support_issues.find_one({"number": number})["due_at"] == MONDAY + HOUR / 2
    assert retiming.catch_up() == 0


def test_what_was_written_in_the_same_moment_is_not_overwritten(
    held, editor, mongo, opened, actor, monkeypatch
):
    number = opened(priority="urgent")
    editor.post(SAVE, GIVEN)
    again = retiming.stamping.again

    def meanwhile(row, policy, *, now):
        writing.reply(number, "Quick", seen=1, actor=actor)
        return again(row, policy, now=now)

    monkeypatch.setattr(retiming.stamping, "again", meanwhile)
    retiming.catch_up()
    row = mongo.support_issues.find_one({"number": number})
    assert row["sla"]["first_reply"]["state"] == "met"
    assert row["due_kind"] == "resolution"


def test_what_is_left_to_reckon_is_a_range_of_an_index(mongo, opened):
    for _ in range(3):
        opened()
    for wanted, index in (
        ({"sla.policy": {"$lt": 5}}, "sla_policy"),
        ({"sla.tell_at": {"$lt": clock.now()}}, "sla_tell"),
        ({"due_at": {"$lt": clock.now()}}, "due"),
    ):
        field = next(iter(wanted))
        plan = mongo.support_issues.find(wanted).sort([(field, 1), ("number", 1)]).explain()
        assert index in str(plan["queryPlanner"]["winningPlan"])
        assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])


def test_two_who_set_it_up_at_once_do_not_overwrite_each_other(actor):
    saving.save(DEFAULT, seen=0, actor=actor)
    with pytest.raises(saving.ChangedSince):
        saving.save(DEFAULT, seen=0, actor=actor)
