"""What is promised, set up by hand; clocks that count on while a page stays open; and notices."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devora_admin.core import clock
from devora_admin.staff import audit
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import writing
from devora_admin.support.services.opening import NewIssue, open_issue
from devora_admin.support.sla import saving, warning
from devora_admin.support.sla.hours import Shift
from devora_admin.support.sla.policy import DEFAULT, Policy, Targets
from tests.browser.conftest import every_look

SETTINGS = "/support/settings/sla/"
_ALL_DAY = (Shift(0, 1440),)
SUBJECT = "Deployment of the storefront fails with E_QUOTA_EXCEEDED although the plan was raised"


@pytest.fixture
def always(actor) -> Policy:
    """Time always counts: the tests hold at any hour."""
    targets = {**DEFAULT.targets, "urgent": Targets(60, 240)}
    policy = Policy("Europe/Berlin", (_ALL_DAY,) * 7, (), targets, 50)
    saving.save(policy, seen=0, actor=actor)
    return policy


@pytest.fixture
def urgent(always, make_customer, staff, mongo) -> int:
    customer = make_customer(name="Zoe Quillfeather")
    me = audit.actor_for(staff("support"))
    new = NewIssue(customer["id"], SUBJECT, "x", priority="urgent", assignee_id=me.id)
    return open_issue(new, actor=me).number


def older(mongo: Any, number: int, minutes: int, actor: Any) -> None:
    """The issue was opened so long ago."""
    row = mongo.support_issues.find_one({"number": number})
    at = row["created_at"] - timedelta(minutes=minutes)
    mongo.support_issues.update_one({"number": number}, {"$set": {"created_at": at}})
    writing.add_note(number, "Looked at it", actor=actor)


def put_clock(page: Page, number: int) -> None:
    """Into a page of its own width, as beside an issue."""
    page.evaluate(
        """(url) => {
          document.querySelector("#main").innerHTML =
            '<h1>Issue</h1><section class="card" id="side"></section>';
          return htmx.ajax("GET", url, {target: "#side", swap: "innerHTML"});
        }""",
        f"/support/{number}/clock/",
    )


@every_look
def test_setting_it_up_is_accessible_and_fits(page_as, axe, size, theme):
    page = page_as("editor", size=size, theme=theme, expect=("422",))
    page.goto(SETTINGS)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Tuesday").fill("9:00-12:00, 11:00-13:00")
    page.get_by_label("Resolution, Urgent").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#id_day_1_error")).to_contain_text("overlap")
    expect(page.get_by_label("Resolution, Urgent")).to_be_focused()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@every_look
def test_a_clock_and_what_people_are_told_are_accessible_and_fit(
    page_as, axe, urgent, mongo, actor, size, theme
):
    page = page_as("support", size=size, theme=theme)
    page.goto(SETTINGS)
    for minutes, said in ((5, "54 min left"), (30, "left"), (60, "over")):
        older(mongo, urgent, minutes, actor)
        put_clock(page, urgent)
        expect(page.locator("[data-clock]")).to_contain_text(said)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert warning.tell() == 1
    page.goto("/support/notices/")
    expect(page.locator(".notice")).to_contain_text(f"#{urgent} {SUBJECT}")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_preview_follows_what_is_typed(page_as):
    page = page_as("editor")
    page.goto(SETTINGS)
    preview = page.locator(".sla-preview")
    page.get_by_label("First reply, Urgent").fill("")
    expect(preview.get_by_text("not promised")).to_have_count(1)
    page.get_by_label("Monday").fill("17-9")
    expect(preview).to_contain_text("ends before it starts")
    page.get_by_label("Monday").fill("9-17")
    expect(preview).to_contain_text("Now it is")


def test_what_was_saved_can_be_undone_at_once(page_as):
    page = page_as("editor")
    page.goto(SETTINGS)
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changed just now")).to_be_visible()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Time zone")).to_have_value("UTC")


def test_a_clock_counts_on_while_the_page_stays_open(page_as, urgent):
    page = page_as("support")
    page.goto(SETTINGS)
    # The clock of this machine is wrong by a day, and the server cannot be asked again.
    page.clock.install(time=clock.now() - timedelta(days=1))
    page.goto(SETTINGS)
    put_clock(page, urgent)
    line = page.locator(".clock-line").first
    expect(line).to_contain_text("59 min left")
    page.route("**/clock/", lambda route: route.fulfill(status=204))
    width = line.bounding_box()
    page.clock.fast_forward("20:00")
    expect(line).to_contain_text("39 min left")
    expect(line).to_have_attribute("data-tone", "ok")
    page.clock.fast_forward("15:00")
    expect(line).to_have_attribute("data-tone", "soon")
    page.clock.fast_forward("30:00")
    expect(line).to_have_attribute("data-tone", "breached")
    expect(line).to_contain_text("5 min over")
    assert line.bounding_box() == width


def test_a_clock_left_open_learns_that_somebody_replied(page_as, urgent, staff):
    page = page_as("support")
    page.goto(SETTINGS)
    page.clock.install()
    page.goto(SETTINGS)
    put_clock(page, urgent)
    expect(page.locator(".clock-line").first).to_contain_text("left")
    me = audit.actor_for(staff("support"))
    writing.reply(urgent, "Here", seen=1, actor=me, revision=issue(urgent).revision)
    page.clock.fast_forward("01:05")
    expect(page.locator(".clock-line").first).to_contain_text("Kept")


@pytest.fixture
def told_of(urgent, mongo, actor, make_customer, staff) -> tuple[int, int]:
    """Two issues that somebody was told of."""
    me = audit.actor_for(staff("support"))
    new = NewIssue(make_customer()["id"], SUBJECT, "x", priority="urgent", assignee_id=me.id)
    other = open_issue(new, actor=me).number
    for number in (urgent, other):
        older(mongo, number, 90, actor)
    warning.tell()
    return urgent, other


def test_notices_are_marked_as_seen_one_by_one_and_the_keyboard_keeps_its_place(page_as, told_of):
    one, other = told_of
    page = page_as("support")
    page.goto("/support/notices/")
    page.get_by_role("button", name=f"Mark #{one} as seen").press("Enter")
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice-subject")).to_be_focused()
    page.get_by_role("button", name=f"Mark #{other} as seen").click()
    expect(page.locator(".notice")).to_have_count(0)


def test_what_is_opened_in_the_inbox_stays_open_when_news_come(page_as, told_of):
    page = page_as("support")
    page.goto(SETTINGS)
    page.clock.install()
    page.goto(SETTINGS)
    page.evaluate("""() => {
      document.querySelector("#main").innerHTML = '<h1>Inbox</h1><div id="notices"></div>';
      return htmx.ajax("GET", "/support/notices/", {target: "#notices", swap: "outerHTML"});
    }""")
    expect(page.locator(".notice").first).to_be_hidden()
    page.get_by_text("2 told, not seen yet").click()
    button = page.get_by_role("button", name=f"Mark #{told_of[0]} as seen")
    button.focus()
    with page.expect_response("**/notices/"):
        page.clock.fast_forward("01:05")
    page.clock.fast_forward("00:02")
    expect(button).to_be_visible()
    expect(button).to_be_focused()
