"""The page of reports by hand: it fits, can be used by everybody, and is asked without a mouse."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from devora_admin.core import clock
from tests.browser.conftest import every_look
from tests.support.test_inbox import issue_row

PAGE = "/support/reports/"


@pytest.fixture
def issues(mongo, staff):
    now = clock.now()
    who = str(staff("editor", name="Ann Ames-Longworthington").pk)
    for number in range(1, 41):
        at = now - timedelta(days=number)
        row = issue_row(number, created_at=at, updated_at=at, assignee_id=who if number % 2 else "",
                        tags=["billing", "a tag of many words " * 2][: number % 3])  # fmt: skip
        row["first_replied_at"] = at + timedelta(hours=number)
        row["sla"] = {"first_reply": {"state": "met", "took_s": 60.0 * number}}
        if number % 2:
            row |= {"status": "resolved", "resolved_at": at + timedelta(hours=30)}
        mongo.support_issues.insert_one(row)


@every_look
def test_it_is_accessible_and_fits(page_as, axe, issues, size, theme):
    page = page_as("support", size=size, theme=theme, expect=("422",))
    for address in (PAGE, f"{PAGE}?first=2026-05-05&last=2020-01-01", f"{PAGE}?tag=none"):
        page.goto(address)
        if page.locator(".usage-table summary").count():
            page.locator(".usage-table summary").click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        axe(page)


def test_a_time_and_a_filter_are_chosen_and_stay_when_a_table_is_ordered(page_as, issues):
    page = page_as("support")
    page.goto(PAGE)
    page.get_by_role("link", name="Last 90 days").click()
    page.get_by_role("textbox", name="Tag").fill("billing")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name="Last 90 days")).to_have_attribute("aria-current", "page")
    tags = page.get_by_role("table", name="By tag")
    tags.get_by_role("link", name="First response").click()
    expect(page.get_by_role("textbox", name="Tag")).to_have_value("billing")
    expect(tags.get_by_role("columnheader", name="First response")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(page.get_by_role("link", name="Last 90 days")).to_have_attribute("aria-current", "page")
    assert "sort=-first" in page.url
