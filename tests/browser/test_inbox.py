"""The inbox by hand: both themes and all sizes, the keyboard, what is new, and changing many."""

from typing import Any

import pytest
from playwright.sync_api import expect

from devora_admin.core import clock
from devora_admin.ops.demo.issues import Scale, write_issues
from devora_admin.support.services import macro_setup
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.browser.conftest import every_look

NEWS = ".inbox-news"
SOON_MS = 9_000
"""The page asks every four seconds."""


@pytest.fixture
def issues(make_customer: Any, mongo: Any) -> None:
    write_issues(Scale(20, 60, 12, clock.now(), 120), range(120))
    known = mongo.support_issues.distinct("user_id")
    for number, user_id in enumerate(known):
        make_customer(id=user_id, name=f"Marta Nowak {number}")
    mongo.support_issues.update_one(
        {"status": "open"},
        {"$set": {"subject": "Wolfeschlegelsteinhausen" * 8, "tags": ["x" * 40, "a", "b", "c"]}},
    )


@every_look
def test_the_inbox_is_accessible_and_fits(page_as, axe, issues, size, theme):
    page = page_as(size=size, theme=theme)
    for query in ("", "?view=all&sort=-urgency", "?q=nobody", "?created_from=never&view=all"):
        response = page.goto(f"/support/{query}")
        page.wait_for_load_state("networkidle")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        table = page.locator(".table-responsive")
        if table.count():
            assert table.evaluate("table => table.scrollWidth <= table.clientWidth")
        if "never" in query:
            assert response.status == 422
            page_as.expected.append("422")


def test_an_empty_inbox_is_accessible(page_as, axe):
    page = page_as()
    page.goto("/support/")
    expect(page.get_by_text("No issue yet")).to_be_visible()
    axe(page)


def test_views_say_how_many_and_are_a_click_away(page_as, issues, mongo):
    page = page_as()
    page.goto("/support/")
    expect(page.locator("#view-count-all")).to_have_text("120")
    page.locator(".inbox-tabs").get_by_text("Waiting").click()
    page.wait_for_url("**view=waiting")
    number = mongo.support_issues.count_documents({"status": {"$in": ["pending", "on_hold"]}})
    expect(page.locator("#view-count-waiting")).to_have_text(str(number))
    expect(page.locator('.inbox-tabs [aria-current="page"]')).to_contain_text("Waiting")


def test_what_is_new_is_said_and_shown_when_asked_for(page_as, issues, make_customer, actor):
    page = page_as()
    page.goto("/support/?view=all")
    first = page.locator("#listing tr[data-number]").first
    number = first.get_attribute("data-number")
    first.locator("[data-select-row]").check()
    page.get_by_label("Search issues").fill("half a wor")
    user_id = make_customer(name="Late")["id"]
    open_issue(NewIssue(user_id, "Just now", "Help"), actor=actor)
    expect(page.locator(NEWS)).to_have_text("1 new or changed · Show", timeout=SOON_MS)
    expect(page.locator("#view-count-all")).to_have_text("121")
    expect(page.locator("#listing tr[data-number]").first).to_have_attribute("data-number", number)
    page.locator("[data-live-show]").click()
    expect(page.locator("#listing tr[data-number]").first).to_contain_text("Just now")
    expect(page.get_by_label("Search issues")).to_have_value("half a wor")
    expect(page.locator(f'tr[data-number="{number}"] [data-select-row]')).to_be_checked()
    expect(page.locator("[data-select-count]")).to_have_text("1")
    expect(page.locator(NEWS)).to_have_count(0)


def test_one_works_by_keyboard_and_changes_what_is_selected(page_as, axe, issues, actor, mongo):
    for name, priority in (("A first one", "low"), ("Second", "urgent")):
        macro_setup.create(actor, name=name, priority=priority)
    page = page_as()
    page.goto("/support/?view=all")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-select-count]")).to_have_text("2")
    page.get_by_role("button", name="Macro", exact=True).click()
    expect(page.locator("#bulk-outlook")).to_contain_text("Priority: Low")
    page.locator("#bulk-value").select_option(label="Second")
    expect(page.locator("#bulk-outlook")).to_contain_text("Priority: Urgent")
    axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Priority", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Set priority of 2 issues?")
    page.locator("#bulk-value").select_option("urgent")
    page.get_by_role("button", name="Set priority of 2").click()
    page.wait_for_url("**/jobs/**")
    assert mongo.jobs.find_one()["params"]["value"] == "urgent"


def test_a_view_is_saved_renamed_and_deleted_with_an_undo(page_as, issues):
    page = page_as("support")
    page.goto("/support/?view=all&priority=high")
    page.get_by_label("Save this view").click()
    page.get_by_label("Name").fill("Fires")
    page.get_by_role("button", name="Save", exact=True).click()
    tab = page.locator(".inbox-tabs").get_by_text("Fires")
    expect(tab).to_be_visible()
    page.get_by_label("Delete this view").click()
    expect(tab).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(tab).to_be_visible()
