"""Staff accounts, approvals and the audit log, in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devora_admin.staff import approvals, audit, grants, links
from devora_admin.staff.models import StaffUser
from tests.browser.conftest import every_look
from tests.conftest import PASSWORD

OTHER = {"email": "other@devora.example", "name": "Other Admin"}


def prove(page: Page) -> None:
    page.get_by_label("Your password, or a code from your authenticator").fill(PASSWORD)


@pytest.fixture
def history(staff, make_project) -> list[str]:
    """Some entries of the log: short values, a long text, an undo."""
    actor = audit.actor_for(staff("admin"), address="192.0.2.7", request_id="request-1")
    project = make_project(name="Bakery")
    subject = audit.Subject("project", project["id"], "Bakery", project["user_id"])
    text = "\n".join(f"line {number}" for number in range(40))
    return [
        audit.record(
            "project.describe", actor=actor, subject=subject, reason="Tidied up",
            before={"description": text}, after={"description": text.replace("20", "twenty")},
        ),
        audit.record(
            "project.rename", actor=actor, subject=subject,
            before={"name": "Shop"}, after={"name": "Bakery"},
        ),
        audit.record("staff.sign_in", actor=actor, subject=audit.Subject("staff", actor.id, "me")),
    ]  # fmt: skip


def test_two_admins_bring_in_a_third_person(page_as):
    asker, other = page_as("admin"), page_as("admin", **OTHER)
    asker.goto("/staff/")
    asker.get_by_role("link", name="Invite").click()
    dialog = asker.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill("new@devora.example")
    dialog.get_by_label("Role").select_option("editor")
    dialog.get_by_label("Why").fill("Joins the team")
    prove(asker)
    dialog.get_by_role("button", name="Ask for approval").click()
    expect(asker.get_by_text("You asked for this.")).to_be_visible()
    expect(asker.get_by_role("link", name="Approve", exact=True)).to_have_count(0)

    other.goto("/approvals/")
    other.get_by_role("link", name=re.compile("new@devora.example")).click()
    expect(other.get_by_text("can make an account with the role editor")).to_be_visible()
    other.get_by_role("link", name="Approve", exact=True).click()
    prove(other)
    other.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(other.get_by_text("Approved by")).to_be_visible()

    asker.goto("/staff/")
    asker.get_by_role("link", name="Make the link for new@devora.example").click()
    asker.get_by_role("dialog").get_by_role("button", name="Make the link").click()
    url = asker.get_by_role("dialog").locator("code").inner_text()
    assert "/welcome/" in url
    assert links.find(url.rsplit("/", 2)[1]) is not None


def test_an_action_is_found_looked_at_and_undone(page_as, mongo, history):
    page = page_as("admin")
    page.goto("/audit/")
    page.get_by_label("Action begins with").fill("project.rename")
    page.keyboard.press("Enter")
    rows = page.locator("#rows tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="Renamed the project").click()
    expect(page.locator("ins").filter(has_text="Bakery")).to_be_visible()
    expect(page.locator("del").filter(has_text="Shop")).to_be_visible()
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("This was undone.")).to_be_visible()
    assert mongo.projects.find_one()["name"] == "Shop"
    page.get_by_role("link", name="See by whom").click()
    expect(page.get_by_text("Undid: renamed the project").first).to_be_visible()


def test_an_account_is_disabled_and_its_browser_is_out(page_as, staff):
    person: Any = staff("editor")
    page, theirs = page_as("admin"), page_as("editor")
    theirs.goto("/projects/")
    page.goto(f"/staff/{person.pk}/")
    page.get_by_role("link", name="Disable").click()
    page.get_by_role("dialog").get_by_label("Why").fill("Left the company")
    prove(page)
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.locator(".badge", has_text="Disabled").first).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_label("Password", exact=True)).to_be_visible()


def test_a_dialog_is_used_with_the_keyboard_alone(page_as, staff):
    person: Any = staff("viewer")
    page = page_as("admin")
    page.goto(f"/staff/{person.pk}/")
    opener = page.get_by_role("link", name="Change role")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@every_look
def test_every_page_is_accessible_and_fits(page_as, axe, staff, history, size, theme):
    actor = audit.actor_for(staff("admin", **OTHER))
    person: Any = staff("viewer", name="Veronica With A Rather Long Name Indeed")
    page = page_as("admin", size=size, theme=theme, expect=("422",))
    asked = grants.ask_invitation(
        "a.very.long.address.for.a.phone@subdomain.devora.example",
        role="editor", name="", reason="Joins the team on Monday", actor=actor,
    )  # fmt: skip
    rejected = grants.ask_role(str(person.pk), role="support", reason="Helps out", actor=actor)
    approvals.reject(rejected, reason="Not yet", actor=audit.actor_for(staff("admin")))
    links.invite("open@devora.example", "support", "Open", actor=actor)
    StaffUser.objects.filter(pk=person.pk).update(is_active=False)
    for path in (
        "/staff/", f"/staff/{person.pk}/", f"/staff/{staff('admin').pk}/", "/staff/invite/",
        "/approvals/", f"/approvals/{asked}/", f"/approvals/{rejected}/",
        "/audit/", "/audit/?action=nothing", "/audit/?kind=project",
        *(f"/audit/{row}/" for row in history[:2]),
    ):  # fmt: skip
        page.goto(path)
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, path
