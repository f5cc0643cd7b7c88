"""Importing a zip, in the browser."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import every_look
from tests.projects import zips

ZIP = {
    "name": "shop.zip",
    "mimeType": "application/zip",
    "buffer": zips.zip_of(
        {"shop/app/page.tsx": "export {}", "shop/README.md": "# Shop", "shop/logo.png": b"\0"}
    ),
}
HARMFUL = {
    "name": "harm.zip",
    "mimeType": "application/zip",
    "buffer": zips.zip_of({"../evil.txt": "x"}),
}


def test_a_zip_is_imported_for_a_customer_found_by_typing(page_as, make_customer, mongo):
    make_customer(id="ada-1", email="ada@example.com", name="Ada Lovelace")
    page = page_as("editor")
    page.goto("/projects/new/")
    page.get_by_label("Customer").press_sequentially("ada@")
    page.get_by_label("Ada Lovelace").check()
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_label("Type", exact=True).fill("shop")
    page.get_by_label("Zip file").set_input_files(ZIP)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Import report")).to_be_visible()
    expect(page.get_by_text("Project imported")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("logo.png"))).to_contain_text("not UTF-8 text")
    assert mongo.projects.find_one({})["user_id"] == "ada-1"
    page.get_by_role("link", name="Open the project").click()
    expect(page.get_by_role("heading", name="Shop")).to_be_visible()


def test_a_refused_zip_is_told_at_its_field_and_what_was_typed_stays(page_as, make_customer, mongo):
    make_customer(email="ada@example.com")
    page = page_as("editor", expect=("422",))
    page.goto("/projects/new/")
    page.get_by_label("Customer").fill("ada@example.com")
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_label("Type", exact=True).fill("shop")
    page.get_by_label("Zip file").set_input_files(HARMFUL)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("leaves its folder (..)")).to_be_visible()
    expect(page.get_by_label("Customer")).to_have_value("ada@example.com")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Shop")
    assert mongo.projects.count_documents({}) == 0


def test_the_chosen_file_survives_a_mistake_in_another_field(page_as, make_customer, mongo):
    make_customer(email="ada@example.com")
    page = page_as("editor", expect=("422",))
    page.goto("/projects/new/")
    page.get_by_label("Customer").fill("nobody@example.com")
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_label("Type", exact=True).fill("shop")
    page.get_by_label("Zip file").set_input_files(ZIP)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("There is no customer with this id")).to_be_visible()
    page.get_by_label("Customer").fill("ada@example.com")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Import report")).to_be_visible()
    assert mongo.projects.count_documents({}) == 1


@every_look
def test_the_import_pages_are_accessible_and_fit(page_as, make_customer, axe, theme, size):
    make_customer(email="ada@example.com")
    page = page_as("editor", size=size, theme=theme, expect=("422",))
    page.goto("/projects/new/")
    axe(page)
    page.get_by_label("Customer").fill("ada@example.com")
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_label("Type", exact=True).fill("shop")
    page.get_by_label("Zip file").set_input_files(HARMFUL)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("leaves its folder (..)")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.get_by_label("Zip file").set_input_files(ZIP)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Import report")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
