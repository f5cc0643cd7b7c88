"""The customers list by hand: both themes and all sizes, the keyboard, choosing and suspending."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LAPTOP, every_look

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def customers(make_customer: Any, mongo: Any) -> None:
    for number in range(70):
        make_customer(
            name=f"Marta Nowak {number}",
            subscription={"plan": ("pro", "team")[number % 2], "status": "past_due"},
            created_at=START + timedelta(days=number),
            last_seen_at=START + timedelta(days=number),
        )
    longest = "very.long.address." * 8 + "@example.com"
    newest = START + timedelta(days=100)
    make_customer(
        name="Wolfeschlegelsteinhausen " * 20, email=longest, status="suspended", created_at=newest,
        subscription={"plan": "enterprise-" * 10, "status": "incomplete_expired"},
    )  # fmt: skip
    make_customer(name=7, status={"a": 1}, subscription="pro", created_at=newest)


@every_look
def test_the_list_is_accessible_and_fits(page_as, axe, customers, size, theme):
    page = page_as(size=size, theme=theme)
    for query in ("", "?plan=team&status=active", "?q=nobody", "?created_from=never"):
        response = page.goto(f"/users/{query}")
        page.wait_for_load_state("networkidle")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        table = page.locator(".table-responsive")
        if table.count():
            assert table.evaluate("table => table.scrollWidth <= table.clientWidth")
        if "never" in query:
            assert response.status == 422
            page_as.expected.append("422")


def test_an_empty_list_is_accessible(page_as, axe):
    page = page_as()
    page.goto("/users/")
    expect(page.get_by_text("No customer yet")).to_be_visible()
    axe(page)


def test_one_searches_filters_sorts_and_pages_by_the_address(page_as, customers):
    page = page_as()
    page.goto("/users/")
    expect(page.locator("#list-count")).to_have_text("72")
    page.get_by_label("Search customers").fill("nowak 6")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=nowak%206$"))
    page.get_by_role("link", name="Remove filter Search").click()
    # The drawer is part of what comes now: opened in what goes, its plans would go with it.
    expect(page.locator(".chip")).to_have_count(0)
    page.locator("details summary").click()
    expect(page.locator("#seen-plans option")).to_have_count(2)
    page.locator("#filter-plan").fill("team")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_role("link", name="Signed up").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Signed up")
    page.get_by_role("link", name="Remove filter Plan").click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pager-summary")).to_contain_text("51\u201372")
    page.go_back()
    expect(page.locator(".pager-summary")).to_contain_text("1\u201350")


def test_the_keyboard_walks_the_rows_and_opens_one(page_as, customers):
    page = page_as()
    page.goto("/users/?plan=team&sort=created")
    for _ in range(2):
        page.keyboard.press("j")
    expect(page.locator("tr.is-current .list-name a")).to_have_text("Marta Nowak 3")
    page.keyboard.press("x")
    expect(page.locator("[data-select-count]")).to_have_text("1")
    page.keyboard.press("/")
    expect(page.get_by_label("Search customers")).to_be_focused()
    page.get_by_role("link", name="Marta Nowak 3", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Marta Nowak 3")).to_be_visible()


def test_all_that_match_are_suspended_with_a_reason(page_as, axe, customers, mongo):
    page = page_as()
    page.goto("/users/?plan=team")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Suspend").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Suspend 35 customers?")
    axe(page)
    dialog.get_by_label("Reason").fill("A test of the list")
    dialog.get_by_role("button", name="Suspend 35").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    assert (
        mongo.jobs.find_one({"kind": "users.suspend"})["params"]["reason"] == "A test of the list"
    )


def test_columns_are_chosen_and_kept(page_as, customers):
    page = page_as()
    page.goto("/users/?sort=name")
    page.get_by_label("Choose columns").click()
    page.get_by_role("dialog").get_by_label("Id").check()
    page.get_by_role("button", name="Show these").click()
    expect(page).to_have_url(re.compile(r"sort=name$"))
    expect(page.get_by_role("columnheader", name="Id")).to_be_visible()


def test_the_projects_list_fits_with_the_longest_owner_and_type(
    page_as, customers, make_project, mongo
):
    owner = mongo.users.find_one({"status": "suspended"})
    make_project(name="W" * 300, user_id=owner["id"], project_type="long-type-" * 20)
    page = page_as(size=LAPTOP)
    page.goto("/projects/")
    table = page.locator(".table-responsive")
    assert table.evaluate("table => table.scrollWidth <= table.clientWidth")
