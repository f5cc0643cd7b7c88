"""What makes work on issues quick, by hand: canned replies put in, macros, snoozing, rules."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.rules import every_rule
from devora_admin.support.services import canned, macro_setup, rule_setup
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.browser.conftest import every_look

HELLO = "Hello {{customer.first_name|there}},\n\nthank you for writing about #{{issue.number}}."


@pytest.fixture
def number(make_customer: Any, actor: Any) -> int:
    customer = make_customer(name="Ada Lovelace")
    new = NewIssue(customer["id"], "Cannot deploy", "It says E_QUOTA", tags=["deploy"])
    values = {"tags": [], "is_shared": True}
    canned.create(actor, title="Greeting", word="hello", text=HELLO, **values)
    canned.create(actor, title="Refunds", word="refund", text="We refund within 14 days.", **values)
    steps = {"status": "resolved", "priority": "low", "add_tags": ["quota"]}
    macro_setup.create(actor, name="Quota raised", text="Dear {{customer.name}}, done.", **steps)
    return open_issue(new, actor=actor).number


def composing(page: Page, number: int) -> Any:
    page.goto(f"/support/{number}/")
    return page.locator("#composer-text")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_canned_reply_is_found_and_put_in_by_keyboard(page_as: Any, number: int):
    page = page_as("support")
    text = composing(page, number)
    page.keyboard.press("c")
    expect(page.get_by_role("searchbox", name="Search canned replies")).to_be_focused()
    page.keyboard.type("greet")
    expect(page.locator(".quick-item")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-canned-text]")).to_have_value(re.compile("Hello Ada,"))
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#dialog-slot")).to_have_count(1)
    expect(text).to_have_value(f"Hello Ada,\n\nthank you for writing about #{number}.")


def test_a_slash_its_word_and_tab_put_one_in(page_as: Any, number: int):
    page = page_as("support")
    text = composing(page, number)
    text.focus()
    with page.expect_response("**/canned/words/"):
        page.keyboard.type("Good day. /")
    page.keyboard.type("refund")
    page.keyboard.press("Tab")
    expect(text).to_have_value("Good day. We refund within 14 days.")
    expect(text).to_be_focused()
    page.keyboard.type(" See /etc")
    page.keyboard.press("Tab")
    expect(text).to_have_value("Good day. We refund within 14 days. See /etc")
    expect(text).not_to_be_focused()


@every_look
def test_a_macro_is_looked_over_and_applied(page_as: Any, number: int, size: Any, theme: str):
    page = page_as("support", size=size, theme=theme, expect=("404",))
    composing(page, number)
    page.get_by_role("link", name="Macros").last.click()
    page.get_by_role("link", name="Quota raised").click()
    dialog = page.get_by_role("dialog", name=f"Quota raised on #{number}")
    expect(dialog.get_by_text("Resolved")).to_be_visible()
    assert fits(page)
    dialog.get_by_label("Reply to the customer").fill("Dear Ada, it is done.")
    expect(dialog.get_by_text("Ctrl Enter apply and send")).to_be_visible()
    with page.expect_response(lambda response: response.request.method == "POST"):
        dialog.get_by_label("Reply to the customer").press("Control+Enter")
    page.wait_for_url(f"**/support/{number}/")
    assert issue(number).status == "resolved"


def test_a_variable_goes_to_the_caret_and_the_preview_follows(page_as: Any):
    page = page_as("editor")
    page.goto("/support/settings/canned/")
    page.get_by_role("link", name="New canned reply").click()
    text = page.get_by_label("Text")
    text.fill("Dear , hello")
    text.evaluate("each => each.setSelectionRange(5, 5)")
    page.get_by_role("button", name="customer.name").click()
    expect(text).to_have_value("Dear {{customer.name}}, hello")
    expect(page.locator("#canned-preview")).to_contain_text("Dear Ada Lovelace, hello")


def test_a_rule_is_moved_by_keyboard_and_keeps_the_focus(page_as: Any, actor: Any):
    for name in ("One", "Two", "Three"):
        rule_setup.create(actor, name=name, tags=["x"])
    page = page_as("editor")
    page.goto("/support/settings/rules/")
    page.get_by_role("button", name="Move Three up").focus()
    for place, way in ((1, "up"), (0, "down")):
        page.keyboard.press("Enter")
        expect(page.locator("#rules li").nth(place)).to_contain_text("Three")
        expect(page.get_by_role("button", name=f"Move Three {way}")).to_be_focused()
    assert [each.name for each in every_rule()] == ["Three", "One", "Two"]
