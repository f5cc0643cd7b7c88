"""Boards by hand: charts are saved, come as one scrolls, and are put in order by keyboard."""

import pytest
from playwright.sync_api import expect

from devora_admin.analytics.boards import setup
from devora_admin.core import clock
from tests.browser.conftest import every_look
from tests.browser.signups import sign_ups


@pytest.fixture
def board(mongo, actor):
    """Its address: six charts of a week, the second of which cannot be shown."""
    now = clock.now()
    sign_ups(mongo, now, 6)
    charts = [setup.a_chart(f"Chart {number}", "metric=signups&days=7") for number in range(6)]
    charts[1]["query"] = "metric=gone"
    made = setup.create(actor, name="Growth of the platform", is_shared=True, charts=charts)
    return f"/analytics/boards/{made.id}/"


def test_a_chart_is_saved_and_more_come_as_one_scrolls(page_as, board):
    page = page_as("editor")
    page.goto("/analytics/explore/?metric=signups&days=7")
    page.get_by_role("link", name="Save to a board").click()
    page.get_by_label("Title of the chart").fill("Mine")
    page.locator("select[name=board]").select_option("Growth of the platform")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Chart saved")).to_be_visible()
    assert board in page.url
    expect(page.locator("#main h2").nth(3)).to_have_text("Chart 3")
    expect(page.locator('[data-chart-state="drawn"]').first).to_be_visible()
    page.get_by_role("heading", name="Chart 3").scroll_into_view_if_needed()
    page.mouse.wheel(0, 5000)
    last = page.get_by_role("heading", name="Mine")
    expect(last).to_be_visible()
    last.scroll_into_view_if_needed()
    expect(page.locator('figure:has-text("Mine")[data-chart-state="drawn"]')).to_be_visible()
    page.get_by_role("link", name="Last 30 days").click()
    expect(page.get_by_role("link", name="Last 30 days")).to_have_attribute("aria-current", "page")


def test_charts_are_put_in_order_by_keyboard_and_taken_out_with_a_way_back(page_as, board):
    page = page_as("editor")
    page.goto(board)
    page.get_by_role("link", name="Arrange").click()
    page.get_by_role("button", name="Move Chart 0 down").focus()
    names = page.locator("#arrange li strong")
    for place in (1, 2):
        page.keyboard.press("Enter")
        expect(names.nth(place)).to_have_text("Chart 0")
        expect(page.get_by_role("button", name="Move Chart 0 down")).to_be_focused()
    page.get_by_role("button", name="Take out Chart 4").click()
    expect(names).to_have_count(5)
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_count(6)


@every_look
def test_boards_are_accessible_and_fit(page_as, axe, board, size, theme):
    page = page_as("editor", size=size, theme=theme)
    for address in ("/analytics/boards/", f"{board}?all=1", f"{board}arrange/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        axe(page)
