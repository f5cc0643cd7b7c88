"""From a point of a chart to what is behind it, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from devora_admin.analytics.inventory import consumer
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from tests import factories
from tests.browser.conftest import every_look

CHART = "/analytics/explore/?metric=deploys&kind=bar&days=7"


@pytest.fixture
def deployed(mongo):
    """A customer's project was deployed today; another's was not."""
    ada, _ = (
        factories.insert(mongo.users, factories.customer(name=name)) for name in ("Ada", "Bob")
    )
    shop, _ = (
        factories.insert(mongo.projects, factories.project(name=name, user_id=ada["id"]))
        for name in ("Shop", "Blog")
    )
    row = {"_id": 1, "event_type": "deploy", "user_id": ada["id"], "project_id": shop["id"],
           "timestamp": clock.now(), "properties": {}}  # fmt: skip
    mongo.analytics_events.insert_one(row)
    core_mongo.run_in_transaction(lambda session: count([1], session))
    done = consumer.reconcile(None)
    core_mongo.run_in_transaction(done.effect)


def click_last_bar(page: Page) -> None:
    expect(page.locator('[data-chart-state="drawn"]')).to_be_visible()
    canvas = page.locator("[data-chart-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    # The bar of the time before stands on its right, and is none.
    page.mouse.click(box["x"] + box["width"] - 107, box["y"] + box["height"] - 60)


def test_a_point_leads_to_its_customers_projects_and_day(page_as, deployed, axe):
    page = page_as("support")
    page.goto(CHART)
    click_last_bar(page)
    menu = page.locator("#chart-menu")
    expect(menu.get_by_role("link")).to_have_text(["Customers", "Projects", "Explore this day"])
    axe(page)
    menu.get_by_role("link", name="Projects").click()
    rows = page.locator("[data-rows] tbody tr, #listing tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Shop")
    page.go_back()
    click_last_bar(page)
    page.get_by_role("link", name="Explore this day").click()
    today = clock.now().date()
    page.wait_for_url(f"**first={today}&last={today}**")

    # The keyboard takes the table beside the chart.
    page.goto(CHART)
    page.locator("[data-chart] summary").focus()
    page.keyboard.press("Enter")
    link = page.locator("[data-chart-table] td a")
    link.focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Customers")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/users/?group=**")
    expect(page.locator("#listing tbody tr")).to_have_count(1)

    page.get_by_role("link", name="Save as segment").click()
    page.get_by_label("Name").fill("Deployers")
    axe(page)
    page.get_by_role("button", name="Save it").click()
    page.get_by_role("link", name="Deployers", exact=True).click()
    expect(page.locator("#listing")).to_contain_text("Ada")
    expect(page.locator("#listing")).to_contain_text("segment “Deployers”")


@every_look
def test_projects_in_numbers_are_accessible(page_as, deployed, axe, size, theme):
    page = page_as("support", size=size, theme=theme)
    page.goto("/analytics/projects/")
    page.locator("#chart-types").scroll_into_view_if_needed()
    expect(page.locator("#chart-types")).to_have_attribute("data-chart-state", "drawn")
    axe(page)
