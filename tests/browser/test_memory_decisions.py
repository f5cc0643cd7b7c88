"""Deciding about memory by hand: the place, the keyboard, a store that is away, no script."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import expect

from devora_admin.core import clock
from devora_admin.memory.indexing import work
from devora_admin.memory.store import reach
from tests.browser.conftest import every_look

pytestmark = pytest.mark.usefixtures("memory")
PAGE = "/memory/customers/ada/?kind=conversation"


@pytest.fixture
def talked(make_customer: Any, make_project: Any) -> Any:
    make_customer(id="ada", name="Ada Lovelace")
    said = ["Always use Tailwind. Don't use Redux.", *(f"Basket {n} is empty." for n in range(24))]
    talk = [{"role": "user", "content": text, "timestamp": clock.now()} for text in said]
    project = make_project(user_id="ada", name="Tea shop", conversation_history=talk)
    work.index_document("projects", project["_id"])
    return project


@contextmanager
def away() -> Iterator[None]:
    """PostgreSQL lets nobody into the database of these tests."""
    name = settings.DATABASES["memory"]["NAME"]
    connections["memory"].close()
    connections["memory"].close_pool()
    with psycopg.connect(os.environ["DEVORA_TEST_MEMORY"], autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            yield
        finally:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            reach.breaker.reset()


def test_what_is_undone_is_seen_where_it_was_decided(page_as, talked):
    page = page_as("support")
    page.goto(PAGE)
    item = page.locator(".memory-item", has_text="Basket 4 ")
    item.get_by_role("button", name="Pin").click()
    expect(item.get_by_text("Pinned")).to_be_visible()
    place = page.evaluate("scrollY")
    assert place > 500
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape(PAGE) + "$"))
    expect(item.get_by_text("Pinned")).to_have_count(0)
    page.wait_for_function(f"Math.abs(scrollY - {place}) < 5")


def test_the_keyboard_stays_where_it_decides(page_as, talked):
    page = page_as("support")
    page.goto(PAGE)
    item = page.locator(".memory-item", has_text="Basket 9 ")
    item.get_by_role("button", name="Pin").focus()
    page.keyboard.press("Enter")
    expect(item.get_by_role("button", name="Take back the decision")).to_be_focused()
    page.keyboard.press("Enter")
    expect(item.get_by_role("button", name="Pin")).to_be_focused()
    item.get_by_role("button", name="Reject").focus()
    page.keyboard.press("Enter")
    expect(item.get_by_role("button", name="Take back the decision")).to_be_focused()
    item.get_by_role("button", name="Forget").focus()
    page.keyboard.press("Enter")
    expect(item).to_have_count(0)
    following = page.locator(".memory-item", has_text="Basket 8 ")
    expect(following.locator("[data-row-link]")).to_be_focused()
    page.get_by_role("button", name="Reject redux").focus()
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("button", name="Take back what was decided about redux")
    ).to_be_focused()


def test_more_results_are_read_on_from_where_they_begin(page_as, talked):
    page = page_as("viewer")
    page.goto("/memory/search/?q=basket+is+empty")
    expect(page.locator(".memory-hit")).to_have_count(20)
    page.get_by_role("link", name="Show more").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".memory-hit").nth(20).locator("[data-row-link]")).to_be_focused()


def test_panels_come_back_by_themselves_and_leave_the_keyboard_alone(page_as, axe, talked):
    page = page_as("support")
    with away():
        page.goto(PAGE)
        notice = page.get_by_text("Memory is not answering.")
        expect(notice).to_have_count(2)
        text = page.get_by_label("Text", exact=True)
        text.fill("half a wo")
        axe(page)
    expect(notice).to_have_count(0, timeout=20_000)
    expect(page.locator(".memory-item").first).to_contain_text("Basket 23")
    expect(page.locator(".memory-preference", has_text="tailwind")).to_be_visible()
    expect(page.get_by_role("link", name="Conversations 25")).to_be_visible()
    expect(text).to_be_focused()
    expect(text).to_have_value("half a wo")


def test_without_javascript_nothing_seems_to_load_and_decisions_are_answered(
    browser, live, client_for, talked
):
    context = browser.new_context(base_url=live.url, java_script_enabled=False)
    cookie = client_for("support").cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live.url}])
    page = context.new_page()
    page.goto(PAGE)
    expect(page.locator(".loading-line").first).to_be_hidden()
    expect(page.get_by_role("link", name="Show preferences")).to_be_visible()
    page.get_by_role("button", name="Pin").first.click()
    expect(page).to_have_url(re.compile(re.escape(PAGE) + "$"))
    expect(page.locator(".said")).to_be_visible()
    expect(page.locator(".said")).to_contain_text("it is recalled before others")
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(re.escape(PAGE) + "$"))
    expect(page.locator(".said")).to_contain_text("Undone")
    context.close()


@every_look
def test_what_was_corrected_and_forgotten_is_accessible_and_fits(page_as, axe, talked, size, theme):
    page = page_as("support", size=size, theme=theme)
    page.goto(PAGE)
    page.get_by_role("button", name="Forget").first.click()
    expect(page.get_by_text("Basket 23 ")).to_have_count(0)
    page.get_by_role("link", name="Correct", exact=True).first.click()
    page.get_by_label("It should say").fill("The basket is never empty.")
    page.get_by_role("button", name="Correct", exact=True).click()
    corrected = page.locator(".memory-item", has_text="never empty")
    expect(corrected.get_by_text("Corrected", exact=True)).to_be_visible()
    corrected.get_by_text("Source and neighbours").click()
    expect(corrected.get_by_label("The original text")).to_contain_text("Basket 22")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Decision").select_option("Forgotten")
    expect(page.get_by_text("Its text is not kept here.")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Take back: remember it again").click()
    expect(page.get_by_text("Its text is not kept here.")).to_have_count(0)
