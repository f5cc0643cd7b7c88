"""A customer's page by hand: accessible in both themes and all sizes; its timeline in place."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from devora_admin.core import clock
from devora_admin.users.services import notes, standing
from tests.browser.conftest import every_look

LONG = "AVeryLongWordWithoutASingleSpaceInIt" * 12


@pytest.fixture
def customer(mongo: Any, make_customer: Any, make_project: Any, actor: Any) -> dict[str, Any]:
    now = clock.now()
    found: dict[str, Any] = make_customer(
        name="Marta Nowak", last_seen_at=now, locale="pl", limits={"seats": 3},
        subscription={"plan": "pro", "status": "past_due", "price": "19.00", "currency": "eur",
                      "current_period_end": now - timedelta(days=3)},
    )  # fmt: skip
    who = found["id"]
    project = make_project(user_id=who, name="TaskMaster")
    kinds = ("login", "project_saved", "message_sent", "generation_completed", "deploy")
    events = [
        {"event_type": kinds[number % 5], "user_id": who, "project_id": project["id"],
         "timestamp": now - timedelta(minutes=40 * number + 1),
         "properties": {"model": "opus", "tokens": 100 + number}}
        for number in range(70)
    ]  # fmt: skip
    failed = {"event_type": "generation_failed", "user_id": who, "project_id": "gone",
              "timestamp": now, "properties": {"message": LONG, "code": "timeout"}}  # fmt: skip
    odd = {"event_type": "domain_connected", "user_id": who, "timestamp": "yesterday"}
    mongo.analytics_events.insert_many([*events, failed, odd])
    standing.suspend_customer(who, reason="Chargeback", actor=actor)
    notes.add_note(who, text=f"Rang back. {LONG}", actor=actor)
    return found


@every_look
def test_the_page_is_accessible_and_fits(page_as, axe, customer, size, theme):
    page = page_as(size=size, theme=theme)
    for part in ("", "timeline/", "timeline/?kind=failures", "?kind=no-such&kind=events:never"):
        page.goto(f"/users/{customer['id']}/{part}")
        expect(page.get_by_role("heading", name="What happened")).to_be_visible()
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"/users/{customer['id']}/")
    page.locator("summary", has_text="Details").first.click()
    page.get_by_text("The same as a table").click()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_malformed_customer_is_accessible(page_as, axe, make_customer):
    broken = make_customer(name=LONG, email=5, created_at="x", subscription={"plan": [1]},
                           merged_into="other", status="odd")  # fmt: skip
    page = page_as()
    page.goto(f"/users/{broken['id']}/")
    expect(page.get_by_role("heading", name="Malformed")).to_be_visible()
    expect(page.get_by_text("Nothing has happened yet")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_trouble_is_said_before_anything_else(page_as, customer):
    page = page_as("support")
    page.goto(f"/users/{customer['id']}/")
    expect(page.get_by_role("status").filter(has_text="Suspended")).to_contain_text("Chargeback")
    expect(page.get_by_role("status").filter(has_text="Payment failed")).to_contain_text("ended")


def test_filters_and_pages_of_the_timeline_change_in_place(page_as, customer):
    page = page_as("support")
    page.goto(f"/users/{customer['id']}/")
    page.evaluate("window.stays = true")
    chips = page.get_by_role("navigation", name="Kinds of events")
    chips.get_by_role("link", name="Failures").click()
    expect(page.locator(".event")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?kind=failures$"))
    chips.get_by_role("link", name="Sign-ins").click()
    expect(page.locator(".event")).to_have_count(15)
    chips.get_by_role("link", name="Everything").click()
    expect(page.locator(".event")).to_have_count(25)
    first = page.locator(".event").first.inner_text()
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".event").first).not_to_have_text(first)
    expect(page).to_have_url(re.compile("cursor="))
    page.get_by_role("link", name="Newer").click()
    expect(page.locator(".event-danger").first).to_be_visible()
    assert page.evaluate("window.stays")
    page.go_back()
    expect(page).to_have_url(re.compile("cursor="))
    expect(page.get_by_role("link", name="Newer")).to_be_visible()


def test_an_event_leads_to_its_project(page_as, customer):
    page = page_as("viewer")
    page.goto(f"/users/{customer['id']}/timeline/")
    page.locator(".event").get_by_role("link", name="TaskMaster").first.click()
    expect(page.get_by_role("heading", name="TaskMaster")).to_be_visible()
