"""A customer's settings by hand: both themes, three sizes, and what one does there."""

from typing import Any

import pytest
from bson import Int64
from playwright.sync_api import expect

from tests.browser.conftest import every_look
from tests.usersettings.conftest import GITHUB, OPENAI, seal


@pytest.fixture
def user_id(mongo: Any, make_customer: Any) -> str:
    user_id = str(make_customer(name="Marta Nowak")["id"])
    mongo.settings.insert_one(
        {
            "user_id": user_id,
            "preferences": {"theme": "dark", "model": "m-1", "autosave": True, "font_size": "14",
                            "editor": {"tab_size": Int64(2)}},
            "api_keys": {"openai": OPENAI, "stripe": seal(GITHUB, user_id, "api_keys.stripe"),
                         "moved": seal(GITHUB, user_id, "api_keys.other"), "pin": 1234567890},
            "integrations": {"github": {"token": GITHUB, "login": "marta", "scopes": ["repo"]}},
        }
    )  # fmt: skip
    return user_id


def address(user_id: str) -> str:
    return f"/users/{user_id}/settings/"


@every_look
def test_the_page_and_its_dialogs_are_accessible_and_fit(page_as, axe, user_id, size, theme):
    page = page_as(size=size, theme=theme)
    page.goto(address(user_id))
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("Reveal", "Test", "Replace", "Revoke"):
        page.get_by_role("link", name=f"{name} api_keys.openai").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        axe(page)
        page.get_by_role("link", name="Cancel").click()


def test_a_secret_is_revealed_copied_and_hidden_again(page_as, axe, user_id, password, mongo):
    page = page_as("editor", expect=("422",))
    page.clock.install()
    page.goto(address(user_id))
    page.get_by_role("link", name="Reveal integrations.github.token").click()
    page.get_by_label("Reason").fill("ticket 7")
    page.get_by_role("button", name="Reveal").click()
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#revealed-secret")).to_have_text(GITHUB)
    axe(page)
    page.get_by_role("button", name="Copy", exact=True).click()
    assert page.evaluate("navigator.clipboard.readText()") == GITHUB
    page.clock.fast_forward(40_000)
    expect(page.locator("#revealed-secret")).to_be_visible()
    page.clock.fast_forward(21_000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert GITHUB not in page.content()
    assert mongo.audit_log.count_documents({"action": "secrets.reveal"}) == 1


def test_closing_the_dialog_takes_the_secret_off_the_page(page_as, user_id, password):
    page = page_as("editor")
    page.goto(address(user_id))
    for close in ("Escape", "Hide it"):
        page.get_by_role("link", name="Reveal api_keys.openai").click()
        page.get_by_label("Reason").fill("ticket 7")
        if page.get_by_label("Your password").count():
            page.get_by_label("Your password").fill(password)
        page.get_by_role("button", name="Reveal").click()
        expect(page.locator("#revealed-secret")).to_have_text(OPENAI)
        # It is on the page a moment before its dialog opens, which Escape would not close yet.
        expect(page.locator("#revealed-secret")).to_be_visible()
        if close == "Escape":
            page.keyboard.press("Escape")
        else:
            page.get_by_role("link", name=close).click()
        expect(page.locator("#revealed-secret")).to_have_count(0)
        assert OPENAI not in page.content()
    assert page.url.endswith(address(user_id))


def test_a_secret_is_replaced_and_never_drawn(page_as, user_id, mongo):
    page = page_as()
    page.goto(address(user_id))
    page.get_by_role("link", name="Replace api_keys.openai").click()
    page.get_by_label("New secret").fill(GITHUB)
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(page.get_by_text("api_keys.openai replaced")).to_be_visible()
    assert mongo.settings.find_one({"user_id": user_id})["api_keys"]["openai"].startswith("enc:v1:")
    assert GITHUB[:-4] not in page.content()


def test_testing_says_what_the_format_is(page_as, axe, user_id):
    page = page_as()
    page.goto(address(user_id))
    page.get_by_role("link", name="Test api_keys.openai").click()
    page.get_by_role("button", name="Check the format").click()
    expect(page.get_by_role("status").first).to_contain_text("has the format of OpenAI")
    axe(page)


def test_a_preference_is_saved_and_taken_back(page_as, user_id, mongo):
    page = page_as()
    page.goto(address(user_id))
    page.locator("#id_theme").select_option("light")
    page.locator("#id_autosave").uncheck()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_text("Preferences saved")).to_be_visible()
    preferences = mongo.settings.find_one({"user_id": user_id})["preferences"]
    assert (preferences["theme"], preferences["autosave"]) == ("light", False)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    preferences = mongo.settings.find_one({"user_id": user_id})["preferences"]
    assert (preferences["theme"], preferences["autosave"]) == ("dark", True)


def test_a_wrongly_typed_preference_is_corrected(page_as, axe, user_id, mongo):
    page = page_as()
    page.goto(address(user_id))
    page.get_by_role("link", name="Correct Font size").click()
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#id_font_size")).to_have_value("14")
    assert mongo.settings.find_one({"user_id": user_id})["preferences"]["font_size"] == 14


def test_a_conflict_keeps_the_draft_and_shows_both(page_as, axe, user_id, mongo):
    page = page_as(expect=("409",))
    page.goto(address(user_id))
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"preferences.model": "theirs"}})
    page.locator("#id_model").fill("mine")
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_role("alert")).to_contain_text("Model is now “theirs”; yours is “mine”")
    expect(page.locator("#id_model")).to_have_value("mine")
    axe(page)
