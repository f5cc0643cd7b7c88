"""What stands beside an issue, by hand: accessible in both themes and all sizes."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from devora_admin.staff.permissions import ROLES
from devora_admin.support import page_parts
from devora_admin.support.queries.issue import Issue, Pinned, issue
from devora_admin.support.services import writing
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.browser.conftest import every_look
from tests.versions.factory import make_stored_version

LONG = "AVeryLongWordWithoutASingleSpaceInIt" * 6
PARTS = ("project", "events", "similar", "preferences")


@pytest.fixture
def reported(mongo: Any, make_customer: Any, make_project: Any, actor: Any) -> Issue:
    """One whose project changed since, with events around it and another that was solved."""
    customer = make_customer(name="Marta Nowak", subscription={"plan": "pro", "status": "past_due"})
    who = customer["id"]
    talk = [{"role": "user", "content": "Deploy it"}, {"role": "assistant", "content": "Done"}]
    files = [{"name": "src/app/page.tsx", "content": "a\nb\n"}, {"name": "gone.ts", "content": "x"}]
    project = make_project(user_id=who, name="TaskMaster", files=files, conversation_history=talk)
    make_stored_version(project, 1)
    solved = NewIssue(
        make_customer()["id"], "Deploy stops with E_QUOTA", "It stops. " + LONG, project_id=""
    )
    number = open_issue(solved, actor=actor).number
    answer = f"Raise the quota under Plan.\n\n```\n{LONG}\n```\n\nThen deploy again."
    writing.reply(number, answer, seen=1, actor=actor, status="resolved")
    new = NewIssue(
        who, "E_QUOTA again", "Since today", project_id=project["id"],
        pinned=Pinned(version=1, turn=1),
    )  # fmt: skip
    found = issue(open_issue(new, actor=actor).number)
    added = [{"name": f"src/{LONG[:60]}/{at}.ts", "content": "y\n"} for at in range(16)]
    now = [{"name": "src/app/page.tsx", "content": "a\nb\nc\n"}, *added]
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": now}})
    kinds = ("login", "project_saved", "message_sent", "generation_completed", "deploy")
    events = [
        {"event_type": kinds[at % 5], "user_id": who, "project_id": project["id"],
         "timestamp": found.created_at + timedelta(seconds=53 * (at - 15)), "properties": {}}
        for at in range(31)
    ]  # fmt: skip
    failed = {"event_type": "generation_failed", "user_id": who, "properties": {"error": LONG},
              "timestamp": found.created_at - timedelta(seconds=40)}  # fmt: skip
    odd = {"event_type": "error", "user_id": who, "properties": "quota",
           "timestamp": (found.created_at + timedelta(seconds=90)).isoformat()}  # fmt: skip
    mongo.analytics_events.insert_many([*events, failed, odd])
    return found


def beside(page: Page, found: Issue, role: str) -> None:
    """Opens a page with every part in a column, as an issue's page has them."""
    can = ROLES[role].__contains__
    cards = "".join(card(part, found, can) for part in page_parts.parts(can))
    column = f'<div class="customer-layout"><div></div><div class="customer-side">{cards}</div>'

    def answer(route: Route) -> None:
        got = route.fetch()
        body = re.sub(
            r'<section class="card".*</section>', lambda _: column, got.text(), flags=re.S
        )
        body = body.replace("is-narrow", "")
        route.fulfill(response=got, body=body)

    address = f"/support/{found.number}/project/?all"
    page.route(f"**{address}", answer)
    page.goto(address)


def card(part: page_parts.Part, found: Issue, can: page_parts.Can) -> str:
    if part.load:
        content = part.load(found, can)
        if content is None:
            return ""
        body = render_to_string(part.template, {"part": content, "issue": found})
    else:
        url = reverse(part.url_name, args=[found.number])
        body = f'<div hx-get="{url}" hx-trigger="load" hx-swap="outerHTML"></div>'
    head = f'<div class="card-header"><h2 class="card-title">{part.title}</h2></div>'
    return f'<section class="card customer-panel" id="{part.name}">{head}{body}</section>'


@every_look
def test_each_part_is_accessible_and_fits(page_as, axe, reported, size, theme):
    page = page_as(size=size, theme=theme)
    for part in PARTS:
        page.goto(f"/support/{reported.number}/{part}/")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), part


@every_look
def test_all_of_them_stand_in_a_column(page_as, axe, reported, size, theme):
    page = page_as("editor", size=size, theme=theme)
    beside(page, reported, "editor")
    for said in ("Changed since version 1", "Found by words", "Page 2 of 3", "Marta Nowak"):
        expect(page.get_by_text(said).first).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_answer_is_put_where_one_writes_without_the_code_of_another(page_as, reported):
    page = page_as("support")
    beside(page, reported, "support")
    page.evaluate(
        "addEventListener('composer:insert', (event) => { window.put = event.detail.text }, true)"
    )
    page.get_by_role("button", name="Use this answer of #1").click()
    put = page.evaluate("window.put")
    assert put == "Raise the quota under Plan.\n\n[code left out]\n\nThen deploy again."


def test_a_page_of_events_takes_the_place_of_the_other(page_as, reported):
    page = page_as("support")
    beside(page, reported, "support")
    page.get_by_role("link", name="Later").click()
    expect(page.get_by_text("Page 3 of 3")).to_be_visible()
    expect(page.locator("#issue-events")).to_have_count(1)


def test_a_period_is_extended_from_beside_the_issue(page_as, reported):
    page = page_as("editor")
    beside(page, reported, "editor")
    page.get_by_role("link", name="Extend the period").click()
    expect(page.get_by_text(f"For issue #{reported.number}.")).to_be_visible()
