"""A copy of all about a customer and the erasing of one, in the browser, by two people."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from devora_admin.core import job_runner
from devora_admin.staff import audit
from tests.browser.conftest import every_look
from tests.users.traces import EMAIL, Traced


@pytest.fixture
def traced(mongo, staff) -> Traced:
    return Traced(mongo, audit.actor_for(staff("admin", email="first@devora.example")))


def run_jobs() -> None:
    while job_runner.run_next("test"):
        pass


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def ask(page: Page, traced: Traced, password: str) -> None:
    page.goto(f"/users/{traced.id}/")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Erase").click()
    dialog = page.get_by_role("dialog", name="Erase this customer?")
    dialog.get_by_label(f"Type {EMAIL} to confirm").fill(EMAIL)
    dialog.get_by_label("Reason").fill("They asked us to, by letter")
    dialog.get_by_label(re.compile("password")).fill(password)
    dialog.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("A second person is asked")).to_be_visible()


def approve(page: Page, password: str) -> None:
    page.goto("/approvals/")
    page.get_by_role("link", name=re.compile("Erase a customer")).click()
    expect(page.get_by_text("is deleted for good")).to_be_visible()
    page.get_by_role("link", name="Approve").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("password")).fill(password)
    dialog.get_by_role("button", name="Approve").click()
    page.locator("a[href^='/erasures/']").click()
    expect(page.get_by_role("heading", name="Erasing a customer")).to_be_visible()


def test_one_asks_another_approves_and_the_receipt_says_what_was_erased(
    page_as, traced, mongo, password, tmp_path
):
    asking, deciding = page_as("admin"), page_as("admin", email="decider@devora.example")
    ask(asking, traced, password)
    expect(asking.get_by_text("A second person has to approve it")).to_be_visible()
    approve(deciding, password)
    run_jobs()
    expect(deciding.get_by_text("Erased", exact=True)).to_be_visible()
    expect(deciding.get_by_text("Nothing of theirs is left")).to_be_visible()
    expect(deciding.get_by_text("Digest on record")).to_be_visible()
    with deciding.expect_download() as download:
        deciding.get_by_role("link", name="Receipt as text").click()
    receipt = Path(download.value.path()).read_text()
    assert traced.id in receipt
    assert EMAIL not in receipt
    assert mongo.users.count_documents({"id": traced.id}) == 0


def test_the_page_of_an_erased_customer_leads_to_the_receipt(page_as, traced, mongo, password):
    ask(page_as("admin"), traced, password)
    deciding = page_as("admin", email="decider@devora.example", expect=("410",))
    approve(deciding, password)
    run_jobs()
    deciding.goto(f"/users/{traced.id}/")
    expect(deciding.get_by_role("heading", name="This customer was erased")).to_be_visible()
    deciding.get_by_role("link", name="The receipt").click()
    expect(deciding.get_by_role("heading", name="Receipt of an erasure")).to_be_visible()
    support = page_as("support", expect=("410",))
    support.goto(f"/users/{traced.id}/")
    expect(support.get_by_role("heading", name="This customer was erased")).to_be_visible()
    expect(support.get_by_role("link", name="The receipt")).to_have_count(0)


def test_a_request_is_withdrawn_from_the_customers_page(page_as, traced, mongo, password):
    page = page_as("admin")
    ask(page, traced, password)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("withdrawn", exact=False).first).to_be_visible()
    page.goto(f"/users/{traced.id}/")
    expect(page.get_by_text("A second person has to approve it")).to_have_count(0)
    assert mongo.approvals.find_one({})["state"] == "withdrawn"


def test_another_address_than_theirs_is_refused(page_as, traced, password):
    page = page_as("admin", expect=("422",))
    page.goto(f"/users/{traced.id}/erase/")
    page.get_by_label(f"Type {EMAIL} to confirm").fill("someone@else.example")
    page.get_by_label("Reason").fill("x")
    page.get_by_label(re.compile("password")).fill(password)
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("This is not what is asked for")).to_be_visible()


def test_a_copy_is_made_and_downloaded_with_the_password(page_as, traced, password):
    page = page_as("admin")
    page.goto(f"/users/{traced.id}/")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Export their data").click()
    page.get_by_role("button", name="Make a copy").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("Ready")).to_be_visible()
    page.get_by_label(re.compile("password")).fill(password)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert "manifest.json" in archive.namelist()


def test_archived_projects_are_asked_to_be_deleted(page_as, traced, mongo, password):
    page = page_as("admin")
    page.goto("/projects/?archived=yes")
    page.get_by_label(re.compile("Select all")).check()
    page.get_by_role("button", name="Delete for good").click()
    dialog = page.get_by_role("dialog", name=re.compile("Delete 1 project for good"))
    dialog.get_by_label(re.compile("to confirm")).fill("delete 1")
    dialog.get_by_label("Reason").fill("Empty for years")
    dialog.get_by_label(re.compile("password")).fill(password)
    dialog.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("A second person is asked")).to_be_visible()
    assert mongo.approvals.find_one({})["kind"] == "projects.delete"


@every_look
def test_the_pages_are_accessible_and_fit(page_as, traced, axe, theme, size, password, shots):
    page = page_as("admin", size=size, theme=theme)
    deciding = page_as("admin", email="decider@devora.example", size=size, theme=theme,
                       expect=("410",))  # fmt: skip
    page.goto(f"/users/{traced.id}/export/")
    page.get_by_role("button", name="Make a copy").click()
    run_jobs()
    expect(page.get_by_text("Ready")).to_be_visible()
    shots(page, "export")
    page.goto(f"/users/{traced.id}/")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Erase").click()
    expect(page.get_by_role("dialog", name="Erase this customer?")).to_be_visible()
    shots(page, "ask")
    page.keyboard.press("Escape")
    ask(page, traced, password)
    shots(page, "customer")
    page.goto("/projects/?archived=yes")
    page.locator("[data-select-row]").first.check()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("dialog", name=re.compile("for good"))).to_be_visible()
    shots(page, "delete")
    approve(deciding, password)
    shots(deciding, "erasing")
    run_jobs()
    expect(deciding.get_by_role("heading", name="Receipt of an erasure")).to_be_visible()
    shots(deciding, "receipt")
    deciding.goto(f"/users/{traced.id}/")
    shots(deciding, "erased")


@pytest.fixture
def shots(axe, theme, size):
    """Checks a page, and keeps a picture where SHOTS names a folder."""
    import os

    def look(page: Page, name: str) -> None:
        assert fits(page), name
        axe(page)
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{size[0]}-{theme}.png", full_page=True)

    return look
