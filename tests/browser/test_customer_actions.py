"""What staff do to a customer, by hand: dialogs, the one-time link, merging, viewing as."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devora_admin.core import job_runner
from devora_admin.users.services import notes
from tests.browser.conftest import every_look

THEMES = pytest.mark.parametrize("theme", ["light", "dark"])
LONG = "Maximiliane-Henriette von und zu Oberndorf-Wittgenstein " * 3


@pytest.fixture
def customer(make_customer: Any, make_project: Any) -> dict[str, Any]:
    made = make_customer(
        id="ada",
        name="Ada Lovelace",
        email="ada@x.example",
        subscription={"plan": "pro", "seats": 3},
    )
    make_project(user_id="ada", name="TaskMaster")
    return made


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def choose(page: Page, item: str) -> None:
    page.get_by_role("button", name="Actions", exact=True).click()
    page.locator("#customer-menu").get_by_role("link", name=item).click()


MENU = (
    "Edit name and e-mail", "Change plan", "Extend the period", "Password reset link",
    "Sign out everywhere", "Suspend", "Add a note", "View as this customer",
)  # fmt: skip
DIALOGS = ("suspend", "edit", "plan", "extend", "sign-out", "reset-link", "notes/add", "as/start")


@every_look
def test_every_dialog_is_accessible_as_a_page_too(page_as, axe, customer, size, theme):
    page = page_as(size=size, theme=theme)
    for name in DIALOGS:
        page.goto(f"/users/ada/{name}/")
        axe(page)
        assert fits(page), name


def test_the_menu_opens_each_dialog_in_place(page_as, axe, customer):
    page = page_as()
    page.goto("/users/ada/")
    for item in MENU:
        choose(page, item)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        axe(page)
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_be_hidden()


def test_suspending_is_undone_from_the_toast(page_as, mongo, customer):
    page = page_as("support")
    page.goto("/users/ada/")
    choose(page, "Suspend")
    page.get_by_label("Reason").fill("Chargeback")
    page.get_by_role("dialog").get_by_role("button", name="Suspend").click()
    expect(page.locator("#toasts")).to_contain_text("Ada Lovelace is suspended")
    assert mongo.users.find_one({"id": "ada"})["status"] == "suspended"
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".page-head")).to_contain_text("Active")
    assert mongo.users.find_one({"id": "ada"})["status"] == "active"


def test_a_refused_address_keeps_the_draft_in_the_dialog(page_as, customer, make_customer):
    make_customer(email="taken@x.example")
    page = page_as("editor", expect=("422",))
    page.goto("/users/ada/")
    choose(page, "Edit name and e-mail")
    page.get_by_role("textbox", name="Name").fill("Augusta")
    page.get_by_role("textbox", name="E-mail address").fill("taken@x.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("Another customer has this")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Augusta")


@THEMES
def test_the_one_time_link_is_copied_and_gone_with_the_dialog(
    page_as, axe, password, customer, theme
):
    page = page_as("support", theme=theme)
    page.goto("/users/ada/")
    choose(page, "Password reset link")
    page.get_by_label("Reason").fill("Lost it")
    proof = page.get_by_label("Your password")
    if proof.count():
        proof.fill(password)
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#reset-link")
    expect(link).to_contain_text("/reset-password?token=")
    axe(page)
    page.get_by_role("button", name="Copy the link").click()
    assert page.evaluate("navigator.clipboard.readText()") == link.inner_text()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada Lovelace")
    assert "token=" not in page.content()


@every_look
def test_notes_are_read_and_written_on_the_page(page_as, axe, actor, customer, size, theme):
    notes.add_note("ada", text=f"# Odd\n\n{LONG}\n\n- a list\n\n`code` ‮drow", actor=actor)
    page = page_as(size=size, theme=theme)
    page.goto("/users/ada/")
    expect(page.locator(".note")).to_contain_text("a list")
    axe(page)
    assert fits(page)
    choose(page, "Add a note")
    page.get_by_role("textbox", name="Note").fill("Second <b>note</b>")
    page.get_by_role("dialog").get_by_role("button", name="Add note").click()
    expect(page.locator(".note").first).to_contain_text("Second <b>note</b>")


@every_look
def test_a_merge_is_looked_at_done_and_undone(
    page_as, axe, mongo, customer, make_customer, make_project, size, theme
):
    make_customer(id="gone", name=LONG, email="gone@x.example", subscription={"plan": "team"})
    mongo.settings.insert_many([
        {"user_id": "ada", "preferences": {"theme": "dark"}, "api_keys": {"openai": "sk-1"}},
        {"user_id": "gone", "preferences": {"theme": "light", "lang": "en"},
         "api_keys": {"openai": "sk-222222222222222222222"}},
    ])  # fmt: skip
    make_project(user_id="gone", name="Moves along")
    page = page_as(size=size, theme=theme)
    page.goto("/users/ada/")
    choose(page, "Merge with another account")
    axe(page)
    page.get_by_label("The other account").fill("gone@")
    page.locator(".suggestion").click()
    page.get_by_role("button", name="Look at the merge").click()
    expect(page.locator(".merge-counts")).to_contain_text("Projects: 1")
    axe(page)
    assert fits(page)
    page.get_by_role("group", name="preferences.theme").get_by_label("light").check()
    page.get_by_label("Reason").fill("Same person")
    page.get_by_role("button", name=re.compile("^Merge Maximiliane")).click()
    expect(page.locator("#toasts")).to_contain_text("The accounts are merged")
    while job_runner.run_next("worker"):
        pass
    assert mongo.settings.find_one({"user_id": "ada"})["preferences"]["theme"] == "light"
    page.goto("/users/ada/merge/")
    axe(page)
    assert fits(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("two again")
    while job_runner.run_next("worker"):
        pass
    assert mongo.projects.find_one({"name": "Moves along"})["user_id"] == "gone"


@every_look
def test_viewing_as_shows_the_banner_everywhere_and_changes_nothing(
    page_as, axe, customer, size, theme
):
    page = page_as("support", size=size, theme=theme, expect=("403",))
    page.goto("/users/ada/")
    choose(page, "View as this customer")
    page.get_by_label("Reason").fill("Ticket 5")
    page.get_by_role("button", name="Start").click()
    bar = page.get_by_role("complementary", name="Viewing as a customer")
    expect(bar).to_contain_text("Viewing as Ada Lovelace")
    expect(bar).to_contain_text(re.compile(r"\(1[45] min left\)"))
    axe(page)
    assert fits(page)
    page.get_by_role("link", name="TaskMaster").click()
    page.get_by_role("link", name="page.tsx").click()
    expect(page.locator("#preview-code")).to_contain_text("export default 1;")
    axe(page)
    page.goto("/projects/")
    expect(page.get_by_text("Stop viewing as Ada Lovelace first.")).to_be_visible()
    axe(page)
    assert fits(page)
    page.goto("/users/ada/")
    expect(bar).to_be_visible()
    expect(page.get_by_role("button", name="Actions", exact=True)).to_have_count(0)
    bar.get_by_role("button", name="Stop").click()
    expect(bar).to_have_count(0)
    expect(page.get_by_role("button", name="Actions", exact=True)).to_be_visible()


def test_what_was_typed_survives_the_end_of_the_session(page_as, customer):
    page = page_as()
    page.goto("/users/ada/")
    choose(page, "Add a note")
    page.get_by_label("Note", exact=True).fill("Took ten minutes to write")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="devora_session")
    page.get_by_role("button", name="Add note").click()
    page.wait_for_url("**/login/**")
    page.context.add_cookies(cookies)
    page.goto("/users/ada/")

    expect(page.get_by_label("Note", exact=True)).to_have_value("Took ten minutes to write")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#panel-notes")).to_contain_text("Took ten minutes to write")
    page.reload()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_no_secret_is_kept_for_later(page_as, customer, mongo):
    mongo.settings.insert_one({"user_id": "ada", "api_keys": {"openai": "sk-" + "a" * 40}})
    page = page_as()
    page.goto("/users/ada/settings/")
    page.get_by_role("link", name="Replace api_keys.openai").click()
    page.get_by_label("New secret").fill("sk-" + "b" * 40)
    page.context.clear_cookies(name="devora_session")
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    page.wait_for_url("**/login/**")
    assert "bbbb" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_an_undo_that_comes_too_late_says_why(page_as, customer, mongo):
    page = page_as("admin", expect=("409",))
    page.goto("/users/ada/")
    choose(page, "Change plan")
    page.get_by_label("Plan", exact=True).fill("team")
    page.get_by_role("button", name="Change plan").click()
    undo = page.locator("#toasts").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    mongo.users.update_one({"id": "ada"}, {"$set": {"subscription.plan": "scale"}})
    undo.click()
    expect(page.locator("#toasts")).to_contain_text("has been changed since")
