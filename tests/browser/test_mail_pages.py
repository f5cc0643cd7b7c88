"""E-mail to customers: what could not be sent is seen and sent again, and a customer answers."""

from typing import Any

import pytest
from playwright.sync_api import expect

from devora_admin.core import clock
from devora_admin.support.mail import csat
from devora_admin.support.services.opening import NewIssue, open_issue
from devora_admin.support.services.writing import reply
from tests.browser.conftest import PHONE, every_look

PAGE = "/support/settings/mail/"


@pytest.fixture
def written(make_customer: Any, actor: Any, settings: Any) -> Any:
    """written("Cannot deploy") → the reply that resolves a new issue."""
    settings.PUBLIC_URL = "https://admin.example.com"

    def make(subject: str) -> Any:
        customer = make_customer()
        opened = open_issue(NewIssue(customer["id"], subject, "It says E_QUOTA"), actor=actor)
        return reply(opened.number, "Done", seen=1, status="resolved", revision=1, actor=actor)

    return make


@pytest.fixture
def failed(written: Any, mongo: Any) -> Any:
    def make(subject: str, error: str = "The server refused the address: 550 No such user") -> Any:
        found = written(subject)
        now = clock.now()
        put = {"state": "failed", "failed_at": now, "error": error, "error_at": now, "attempts": 1}
        mongo.support_outbox.update_one(
            {"_id": found.message_id}, {"$set": put, "$unset": {"due_at": ""}}
        )
        return found

    return make


@every_look
def test_what_failed_is_readable_on_any_screen(page_as, axe, failed, written, size, theme):
    failed("Cannot deploy")
    failed("A subject as long as a subject can be " * 5, "x" * 300)
    written("On its way")
    page = page_as("editor", size=size, theme=theme)
    page.goto(PAGE)
    expect(page.get_by_text("550 No such user").first).to_be_visible()
    axe(page)
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) <= 0


def test_one_is_sent_again_and_leaves_the_list(page_as, failed, mongo):
    found = failed("Cannot deploy")
    page = page_as("editor")
    page.goto(PAGE)
    page.get_by_role("button", name=f"Try again for #{found.number}").click()
    expect(page.get_by_text("is sent again within a moment")).to_be_visible()
    expect(page.get_by_text("No e-mail failed")).to_be_visible()
    assert mongo.support_outbox.find_one({"_id": found.message_id})["state"] == "waiting"


@every_look
def test_a_customer_answers_without_being_signed_in(
    page_as, axe, written, browser, live, mongo, size, theme
):
    token = csat.token_of(written("Cannot deploy after the quota was raised").message_id)
    context = browser.new_context(
        base_url=live.url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,
        reduced_motion="reduce",
    )
    page = page_as.page_in(context)
    page.goto(f"/csat/{token}/?answer=bad")
    expect(page.get_by_label("Not satisfied")).to_be_checked()
    axe(page)
    page.get_by_label("Satisfied", exact=True).check()
    page.get_by_label("What should we know?").fill("Thank you")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    axe(page)
    assert mongo.support_csat.find_one({})["rating"] == "good"
    context.close()


def test_a_link_that_is_none_says_so_calmly(page_as, live, browser, axe):
    context = browser.new_context(base_url=live.url, viewport={"width": PHONE[0], "height": 700})
    page = page_as.page_in(context)
    page_as.expected.append("410")
    page.goto("/csat/x/")
    expect(page.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    axe(page)
    context.close()
