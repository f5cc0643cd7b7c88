"""The project page by hand: every tab in both themes and sizes, and what one does there."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Decimal128, Int64
from playwright.sync_api import expect

from tests.browser.conftest import every_look

LINE = "const answer: number = 42; // a long line that runs on and on, so that it scrolls"
SAID = f"Look:\n\n```ts\n{LINE}\n```\n"


@pytest.fixture
def project(make_project: Any, make_customer: Any) -> dict[str, Any]:
    owner = make_customer(name="Marta Nowak")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    turns = [
        {"role": ("user", "assistant")[at % 2], "content": f"turn {at}. {SAID}", "model": "m-1",
         "timestamp": start + timedelta(minutes=at)}
        for at in range(1, 46)
    ]  # fmt: skip
    return make_project(
        name="TaskMaster", user_id=owner["id"], conversation_history=turns,
        metadata={"seats": Int64(5), "price": Decimal128("1.10"), "theme": {"dark": True}},
    )  # fmt: skip


TABS = ("", "?file=app/page.tsx", "metadata/", "conversation/", "raw/")


@every_look
def test_every_tab_is_accessible_and_fits(page_as, axe, project, size, theme):
    page = page_as(size=size, theme=theme)
    for tab in (*TABS, "conversation/search/?q=turn"):
        page.goto(f"/projects/{project['id']}/{tab}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"/users/{project['user_id']}/")
    expect(page.get_by_role("link", name="TaskMaster")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_malformed_project_is_accessible(page_as, axe, make_project, theme):
    broken = make_project(
        missing=("name",), files=["x", {"name": "a", "content": 5}], metadata="x",
        conversation_history=["x", {"role": 5}],
    )  # fmt: skip
    page = page_as(theme=theme)
    for tab in ("", "metadata/", "conversation/", "raw/"):
        page.goto(f"/projects/{broken['id']}/{tab}")
        expect(page.get_by_role("heading", name="Malformed")).to_be_visible()
        axe(page)


def test_a_file_is_read_beside_the_tree(page_as, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/")
    page.get_by_role("link", name="page.tsx").click()
    expect(page.locator("#preview-code")).to_contain_text("export default 1;")


def test_renaming_in_the_dialog_keeps_a_refused_draft(page_as, mongo, project):
    page = page_as(expect=("409",))
    page.goto(f"/projects/{project['id']}/")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Rename").click()
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_have_value("TaskMaster")
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"name": "Theirs"}})
    name.fill("Mine")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("alert").first).to_contain_text("Theirs")
    expect(name).to_have_value("Mine")


def test_archiving_is_undone_from_the_toast(page_as, mongo, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/")
    page.get_by_role("button", name="Actions").click()
    page.locator("#project-menu").get_by_role("button", name="Archive").click()
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(page.locator("h1")).to_contain_text("Archived")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).not_to_contain_text("Archived")
    assert "archived_at" not in mongo.projects.find_one({"id": project["id"]})


def test_a_metadata_value_is_edited_with_its_fault_shown_first(page_as, axe, mongo, project):
    page = page_as(expect=("422",))
    page.goto(f"/projects/{project['id']}/metadata/")
    page.get_by_text("seats").hover()
    page.get_by_role("link", name="Edit seats").click()
    value = page.get_by_role("textbox", name="Value")
    value.fill("many")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("not a valid int64")).to_be_visible()
    expect(value).to_have_value("many")
    axe(page)
    value.fill("6")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".meta-leaf", has_text="seats")).to_contain_text(re.compile(r"\b6\b"))
    assert mongo.projects.find_one({"id": project["id"]})["metadata"]["seats"] == Int64(6)


def test_a_transfer_is_made_by_choosing_a_suggestion(page_as, axe, mongo, project, make_customer):
    receiver = make_customer(email="zoe@x.example", name="Zoe")
    page = page_as()
    page.goto(f"/projects/{project['id']}/")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Transfer").click()
    page.get_by_role("textbox", name="Customer").press_sequentially("zo")
    page.get_by_role("radio", name=re.compile("Zoe")).check()
    axe(page)
    page.get_by_role("button", name="Transfer").click()
    expect(page.get_by_role("link", name="Zoe")).to_be_visible()
    assert mongo.projects.find_one({"id": project["id"]})["user_id"] == receiver["id"]


def test_earlier_turns_are_loaded_above_and_a_search_leads_to_a_turn(page_as, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/conversation/")
    page.get_by_role("link", name="Load earlier").click()
    expect(page.locator("#turn-6")).to_be_attached()
    assert page.locator(".turn").count() == 40
    page.get_by_role("searchbox", name="Search this conversation").fill("turn 3.")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name=re.compile("#3")).click()
    expect(page.locator("#turn-3")).to_be_in_viewport()
