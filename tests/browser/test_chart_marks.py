"""Charts as they are drawn: a mark leads to what it stands for, by mouse and by keyboard."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from devora_admin.analytics.notes import setup
from devora_admin.core import clock
from tests.browser.conftest import every_look
from tests.browser.signups import sign_ups


@pytest.fixture
def noted(mongo, actor):
    """A chart of 30 days with a note ten days ago, and many of today."""
    now = clock.now()
    sign_ups(mongo, now, 20)
    setup.add(actor, at=now - timedelta(days=10), text="Campaign", url="/projects/")
    for number in range(8):
        setup.add(actor, at=now, text=f"Of today {number}", url="")
    return now


def marks(page):
    """Where each is, from the left: the pointer says where something can be chosen."""
    canvas = page.locator("[data-chart-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    found = []
    for x in range(0, int(box["width"]), 5):
        page.mouse.move(box["x"] + x, box["y"] + 20)
        if canvas.locator("> div").first.evaluate("each => each.style.cursor") == "pointer":
            found.append(x)
    groups = [x for at, x in enumerate(found) if at == 0 or x - found[at - 1] > 5]
    return box, [group + 7 for group in groups]


def test_a_mark_leads_to_what_it_stands_for_by_mouse_and_by_keyboard(page_as, noted):
    page = page_as("viewer")
    page.goto("/analytics/explore/?metric=signups&kind=bar")
    figure = page.locator("#chart-explored[data-chart-state=drawn]")
    expect(figure).to_be_visible()
    box, [before, today] = marks(page)
    page.mouse.click(box["x"] + today, box["y"] + 20)
    expect(page.locator("[data-chart-note]:focus")).to_contain_text("Of today")
    figure.scroll_into_view_if_needed()
    box = page.locator("[data-chart-canvas]").bounding_box()
    page.mouse.click(box["x"] + before, box["y"] + 20)
    expect(page.locator("[data-chart-note]:focus")).to_contain_text("Campaign")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/")
    page.go_back()
    page.get_by_text("What happened: 9").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Campaign")).to_be_focused()


def test_a_note_is_added_where_one_looks(page_as, noted):
    page = page_as("editor")
    page.goto("/analytics/explore/?metric=signups&days=7")
    page.get_by_role("link", name="Add a note").click()
    page.get_by_label("What happened").fill("Outage")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Note added")).to_be_visible()
    assert page.url.endswith("/analytics/explore/?metric=signups&days=7")
    expect(page.get_by_text("What happened: 9")).to_be_visible()
    page.get_by_role("link", name="Hide Notes").click()
    expect(page.get_by_role("link", name="Show Notes")).to_be_visible()
    expect(page.get_by_text("What happened")).to_have_count(0)


@every_look
def test_charts_with_marks_are_accessible_and_fit(page_as, axe, noted, size, theme):
    page = page_as("admin", size=size, theme=theme)
    for address in ("/analytics/explore/?metric=signups&kind=bar", "/analytics/notes/"):
        page.goto(address)
        for summary in page.locator("details[data-chart-notes] summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        axe(page)
