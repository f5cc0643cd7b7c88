"""Working on an issue by hand: what is typed stays, and people see each other."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devora_admin.support.queries.thread import thread
from devora_admin.support.services import attaching, fields, writing
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.browser.conftest import every_look
from tests.support.conftest import PNG

LONG = "Unbreakable" * 12
REFUSED = ("status of 409",)


@pytest.fixture
def number(make_customer: Any, make_project: Any, actor: Any) -> int:
    make_customer(id="ada", name="Ada Lovelace", email="ada@x.example")
    project = make_project(user_id="ada", name="TaskMaster")
    new = NewIssue("ada", f"Cannot deploy {LONG}", "It says `E_QUOTA`", project_id=project["id"])
    return open_issue(new, actor=actor).number


def box(page: Page) -> Any:
    return page.locator("#composer-text")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@every_look
def test_the_page_is_accessible_and_fits(page_as, axe, number, actor, size, theme):
    file = attaching.keep_file("shot.png", "image/png", PNG, actor=actor)
    text = f"Try this:\n\n```\n{LONG}\n```"
    writing.reply(number, text, seen=1, actor=actor, attachment_ids=[file.id])
    writing.add_note(number, "They are **on trial**", actor=actor)
    fields.set_tags(number, ["billing"], seen=3, actor=actor)
    page = page_as("support", size=size, theme=theme, expect=("attachments",))
    for path in (f"/support/{number}/", f"/support/{number}/?kind=note", "/support/new/",
                 f"/support/{number}/history/", f"/support/{number}/merge/"):  # fmt: skip
        page.goto(path)
        axe(page)
        assert fits(page), path


def test_typing_survives_what_arrives_meanwhile(page_as, number, actor):
    page = page_as("support")
    page.goto(f"/support/{number}/")
    box(page).press_sequentially("I am writing")
    writing.customer_replied(number, "One more thing", actor=actor)
    expect(page.get_by_text("One more thing")).to_be_visible(timeout=8_000)
    expect(page.get_by_text("New reply from the customer")).to_be_visible()
    expect(box(page)).to_be_focused()
    box(page).press_sequentially(" on")
    expect(box(page)).to_have_value("I am writing on")


def test_a_reply_that_was_held_back_goes_out_when_it_is_sent_again(page_as, number, actor):
    page = page_as("support", expect=REFUSED)
    page.goto(f"/support/{number}/")
    box(page).fill("My answer")
    writing.customer_replied(number, "Never mind", actor=actor)
    box(page).press("Control+Enter")
    expect(page.locator("#composer .alert")).to_contain_text("1 new message you have not seen")
    expect(box(page)).to_have_value("My answer")
    expect(page.locator("#m2")).to_contain_text("Never mind")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#m3")).to_contain_text("My answer")
    expect(box(page)).to_have_value("")
    assert [each.text for each in thread(number)][-1] == "My answer"


def test_one_leaves_the_answer_sends_goes_on_and_takes_issues_by_keyboard(
    page_as, number, actor, mongo
):
    other = open_issue(NewIssue("ada", "Another one", "Help"), actor=actor).number
    page = page_as("support")
    page.goto("/support/?view=all&sort=-updated")
    page.keyboard.press("?")
    for name in ("Next row", "Select it", "Open it", "Go to support"):
        expect(page.locator("dialog[open] dt", has_text=name)).to_be_visible()
    page.goto(f"/support/{other}/")
    page.keyboard.press("]")
    page.wait_for_url(f"**/support/{number}/")
    page.keyboard.press("[")
    page.wait_for_url(f"**/support/{other}/")
    page.keyboard.press("i")
    expect(page.locator("#toasts")).to_contain_text("Assigned")
    page.keyboard.press("r")
    expect(box(page)).to_be_focused()
    page.keyboard.type("Half a thought")
    page.keyboard.press("Escape")
    expect(box(page)).not_to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("Send and resolve")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_url(f"**/support/{number}/")
    found = mongo.support_issues.find_one({"number": other})
    assert (found["status"], found["latest"]["text"]) == ("resolved", "Half a thought")
    page.keyboard.press("u")
    page.wait_for_url("**/support/?view=all&sort=-updated")


def test_a_draft_is_there_again_after_the_page_is_loaded_anew(page_as, number, mongo):
    page = page_as("support")
    page.goto(f"/support/{number}/")
    box(page).fill("Half a thought")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    box(page).press_sequentially(" more")
    page.reload()
    expect(box(page)).to_have_value(re.compile("^Half a thought more$"))
    page.get_by_role("link", name="Note", exact=True).click()
    expect(page.get_by_text("For staff only")).to_be_visible()
    expect(box(page)).to_have_value("")
    page.get_by_role("link", name="Reply", exact=True).click()
    expect(box(page)).to_have_value("Half a thought more")
    page.get_by_role("button", name="Discard").click()
    expect(box(page)).to_have_value("")
    page.get_by_role("button", name="Undo").click()
    expect(box(page)).to_have_value("Half a thought more")


def test_two_people_see_each_other(page_as, number):
    one = page_as("support", name="Ann Lee")
    one.goto(f"/support/{number}/")
    two = page_as("editor", name="Bo Berg")
    two.goto(f"/support/{number}/")
    expect(one.get_by_text("Bo Berg is here")).to_be_visible(timeout=20_000)
    expect(two.get_by_text("Ann Lee is here")).to_be_visible(timeout=20_000)
    box(two).press_sequentially("Hello")
    expect(one.get_by_text("Bo Berg is writing")).to_be_visible(timeout=20_000)
    two.goto("/")
    expect(one.get_by_text("Bo Berg")).to_have_count(0, timeout=20_000)


def test_a_file_is_kept_at_once_and_a_field_too_and_undone(page_as, number, mongo):
    page = page_as("support", expect=("status of 422",))
    page.goto(f"/support/{number}/")
    chooser = page.locator("#composer input[type=file]")
    chooser.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"log"})
    expect(page.locator(".file-chip")).to_contain_text("a.txt")
    chooser.set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": b"MZ\x90\0"})
    expect(page.locator(".file-chip.is-bad")).to_contain_text("is said to be image/png")
    chooser.set_input_files({"name": "c.txt", "mimeType": "text/plain", "buffer": b"more"})
    expect(page.locator(".file-chip", has_text="c.txt")).to_be_visible()
    expect(page.locator(".file-chip.is-bad")).to_have_count(0)
    box(page).fill("See the file")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#m2")).to_contain_text("a.txt")
    page.get_by_label("Priority").select_option("urgent")
    expect(page.locator("#issue-head")).to_contain_text("Urgent")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#issue-head")).not_to_contain_text("Urgent")


def test_keys_lead_to_the_reply_the_note_and_the_end(page_as, number):
    page = page_as("support")
    page.goto(f"/support/{number}/")
    page.keyboard.press("n")
    expect(page.get_by_text("For staff only")).to_be_visible()
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    expect(page.get_by_text("Goes to the customer")).to_be_visible()
    expect(box(page)).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    expect(page.locator("#issue-head")).to_contain_text("Resolved")
